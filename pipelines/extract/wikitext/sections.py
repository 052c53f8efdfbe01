"""Sections at the end of an article that hold references, notes and links, by their titles."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.extract.wikitext.marks import DROPPED
from pipelines.extract.wikitext.words import words

_MARKUP = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]|'{2,}|<[^<>]*>|\{\{[^{}]*\}\}|-\{(?:[^{}|]*\|)?|\}-")

# Matched whole, in lower case, without markup and spaces.
_TITLES = frozenset(
    words(
        """
        脚注 脚註 註 註釈 注釈 注 注記 出典 出典・脚注 脚注・出典 注釈・出典 出典・注釈 注釈と出典 出典と注釈
        脚注と出典 参考文献 参考資料 参考書籍 参考サイト 引用文献 文献 主要文献 関連文献 関連書籍 関連図書
        外部リンク 外部サイト 外部参照 関連項目 関連記事 関連リンク 参照 参照項目 脚注および参考文献 脚注・参考文献
        出典・参考文献 参考文献・出典 典拠 原典 参考 リンク 注・出典 註・出典 関連人物・項目 脚注及び参考文献
        文献案内 参考资料 參考資料 参考来源 參考來源 參考 参考书目 參考書目 參考文獻 参考条目 参考網站 參考網站
        参考网站 参考注释 参考註釋 资料来源 資料來源 来源 來源 引用 引用来源 引注 脚注及参考文献 注释 註釋 註解
        注解 註腳 注脚 腳註 脚注参考 附注 附註 备注 備註 备註 出處 出处 外部链接 外部連結 外部連接 外部连接
        外部链結 外部鏈接 相关链接 相關連結 相關連接 参见 參見 参看 參看 參閱 参阅 另见 另見 相关条目 相關條目
        相關項目 延伸阅读 延伸閱讀 扩展阅读 擴展閱讀 深入閱讀 深入阅读 进一步阅读 參考資料與註釋 註釋與參考資料
        注释与参考文献 参考文献与注释 注释和参考文献 注释及参考文献 註釋及參考文獻 参考资料及注释 脚注与参考文献
        注釋 注釋及參考資料 參考資料及註釋 攷 考 出面鏈接 睇埋 參考同註 出面網頁 參攷 參攷資料 据 각주 주석 출처
        참고문헌 참고자료 같이보기 함께보기 외부링크 바깥고리 주해 각주및참고문헌 참조 읽을거리 references
        reference notes footnotes notesandreferences referencesandnotes citations sources bibliography
        furtherreading externallinks externallink seealso workscited generalreferences notesandcitations
        citationsandnotes literatur einzelnachweise weblinks sieheauch quellen anmerkungen fußnoten belege
        anmerkungenundeinzelnachweise referencias véasetambién enlacesexternos bibliografía notas notasyreferencias
        fuentes citas bronnen externelinks zieook bronnen,notenen/ofreferenties literatuur referenties noten
        voetnoten voiraussi référence références notesetréférences liensexternes bibliographie articlesconnexes
        примечания ссылки литература см.также источники collegamentiesterni vocicorrelate note bibliografia
        altriprogetti ligaçõesexternas vertambém referências
        """
    )
)


def without_tail_sections(text: str) -> str:
    """Takes out every section with such a title, with its subsections; what follows it stays.

    ``text`` starts with a newline and holds no comments.
    """
    first, *rest = text.split("\n=")
    if not rest:
        return text
    out = [first]
    cut_level = 0
    for part in rest:
        heading = part.partition("\n")[0].rstrip(" \t")
        title = heading.strip("=")
        closing = len(heading) - len(heading.rstrip("="))
        if closing and title:
            level = min(1 + len(heading) - len(heading.lstrip("=")), closing)
            if not cut_level or level <= cut_level:
                cut_level = level if _is_tail(title) else 0
        if not cut_level:
            out.append(part)
    return "\n=".join(out)


@lru_cache(maxsize=16384)
def _is_tail(heading: str) -> bool:
    title = heading.strip()
    if not title.isalnum():
        title = _MARKUP.sub(lambda match: match.group(1) or "", heading.replace(DROPPED, ""))
        title = "".join(title.split())
    return title.lower().strip(":：") in _TITLES
