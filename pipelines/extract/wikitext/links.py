"""Which link shows which words: namespaces, interlanguage prefixes, the pipe trick."""

from __future__ import annotations

import re
from functools import lru_cache

from hanmill.pipelines.extract.wikitext.words import words
from hanmill.pipelines.sources.wikipedia.namespaces import CATEGORY, FILE, MEDIA, Namespaces, normalise

# Wikipedia's language codes, as listed in the site matrix (meta.wikimedia.org), and former codes still in use.
_LANGUAGES = frozenset(
    words(
        """
        aa ab ace ady af ak als alt am ami an ang ann anp ar arc ary arz as ast atj av avk awa ay az azb ba ban bar
        bat-smg bbc bcl bdr be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm bug bxr ca cbk-zam
        cdo ce ceb ch cho chr chy ckb co cr crh cs csb cu cv cy da dag de dga din diq dsb dtp dty dv dz ee egl el
        eml en eo es et eu ext fa fat ff fi fiu-vro fj fo fon fr frp frr fur fy ga gag gan gcr gd gl glk gn gom gor
        got gpe gsw gu guc gur guw gv ha hak haw he hi hif ho hr hsb ht hu hy hyw hz ia iba id ie ig igl ii ik ilo
        inh io is it iu ja jam jbo jv ka kaa kab kbd kbp kcg kg kge ki kj kk kl km kn knc ko koi kr krc ks ksh ku
        kus kv kw ky la lad lb lbe lez lfn lg li lij lld lmo ln lo lrc lt ltg lv lzh mad mai map-bms mdf mg mh mhr
        mi min mk ml mn mni mnw mo mos mr mrj ms mt mus mwl my myv mzn na nah nan nap nds nds-nl ne new ng nia nl
        nn no nostalgia nov nqo nr nrm nso nup nv ny oc olo om or os pa pag pam pap pcd pcm pdc pfl pi pih pl pms
        pnb pnt ps pt pwn qu rm rmy rn ro roa-rup roa-tara rsk ru rue rup rw sa sah sat sc scn sco sd se sg sgs sh
        shi shn shy si simple sk skr sl sm smn sn so sq sr srn ss st stq su sv sw syl szl szy ta tay tcy tdd te tet
        tg th ti tig tk tl tly tn to tpi tr trv ts tt tum tw ty tyv udm ug uk ur uz ve vec vep vi vls vo vro wa war
        wo wuu xal xh xmf yi yo yue za zea zgh zh zh-classical zh-min-nan zh-yue zu jp
        """
    )
)

_PIPE_TRICK = re.compile(r"\s*[（(][^（()）]*[)）]\s*$|\s*,[^,]*$")


class LinkRules:
    """Decides what a link shows, for one wiki."""

    __slots__ = ("_hidden", "_namespaces")

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        files_and_categories = namespaces.names(FILE) | namespaces.names(CATEGORY)
        self._hidden = (files_and_categories | _LANGUAGES) - namespaces.names(MEDIA)

    def shown(self, target: str, label: str | None) -> str | None:
        """The words a link shows; None where it shows none (a file, a category, another language).

        ``label`` is None where the link has no pipe, empty for the pipe trick.
        """
        target = target.strip()
        if ":" in target:
            if target[0] == ":":
                target = target[1:].lstrip()
            elif normalise(target.partition(":")[0]) in self._hidden:
                return None
        if label is None:
            return target
        if label:
            return label
        name = target.partition("#")[0]
        prefix, colon, rest = name.partition(":")
        if colon and (self._namespaces.number(prefix) is not None or prefix.lower() in _LANGUAGES):
            name = rest
        return _PIPE_TRICK.sub("", name)

    def is_file(self, target: str) -> bool:
        """Whether the link places a file, whose further parts are options and a caption."""
        prefix, colon, _ = target.partition(":")
        return bool(colon) and self._namespaces.number(prefix) == FILE


@lru_cache(maxsize=64)
def link_rules(namespaces: Namespaces) -> LinkRules:
    """The rules of a wiki, made once."""
    return LinkRules(namespaces)
