"""Fetches free fonts near the three styles of ChineseBERT, for ``samples/recipes/chinesebert-fonts.yaml``.

    python docker/fonts.py FOLDER

FangSong: FandolFang, and cwTeX FangSong for Traditional. XingKai: Zhi Mang Xing, and Kouzan gyosho for what it lacks.
LiShu: no free face is known; the brush faces Ma Shan Zheng and Kouzan mouhitsu stand in. LXGW WenKai ends the brush
chains. Web fonts stay as they are: FreeType reads them. apt-get (Debian 12) and npm bring the packages; what is there
already is not fetched again, and a file with another hash than below is refused.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_DEBIAN_FONTS = "usr/share/fonts/truetype"
_FANDOL = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf"


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font's file name here, its package with version (``@`` of npm, ``=`` of Debian), its place in it, its hash."""

    name: str
    package: str
    member: str
    sha256: str


FONTS = (
    FontFile(
        "FandolFang-Regular.otf",
        "texlive-lang-chinese=2022.20230122-1",
        _FANDOL,
        "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9",
    ),
    FontFile(
        "cwTeXFangSong.ttf",
        "fonts-cwtex-fs=1.0-4",
        f"{_DEBIAN_FONTS}/cwtex/cwfs.ttf",
        "2dfbcf43b14f48eb2d8f955bc4546da620a73dc0cf180882ec286edc0c445e3a",
    ),
    FontFile(
        "ZhiMangXing-Regular.woff",
        "@fontsource/zhi-mang-xing@5.3.0",
        "package/files/zhi-mang-xing-chinese-simplified-400-normal.woff",
        "f39b7b0b71fabfce038a26a1d98e3e2a2e66cab4c866323a71b3a595b2992912",
    ),
    FontFile(
        "kouzan-mouhitsu-gyosho.ttf",
        "fonts-kouzan-mouhitsu=20170411-3",
        f"{_DEBIAN_FONTS}/kouzan-mouhitsu/kouzan-mouhitsu-gyosho.ttf",
        "6b063cc0f9591ea2e71c97f06c8e663d04a0b0ac4bbe6c0e4c3b49a13215db99",
    ),
    FontFile(
        "MaShanZheng-Regular.woff",
        "@fontsource/ma-shan-zheng@5.3.0",
        "package/files/ma-shan-zheng-chinese-simplified-400-normal.woff",
        "e2d6f84e6c68495f525e574a0076ce1c32b33893a692a2ef3abd2990c4282d41",
    ),
    FontFile(
        "kouzan-mouhitsu.ttf",
        "fonts-kouzan-mouhitsu=20170411-3",
        f"{_DEBIAN_FONTS}/kouzan-mouhitsu/kouzan-mouhitsu.ttf",
        "582f269574e71336f1ee8318664ff6cfafd84293b3267ddf39410015713c951e",
    ),
    FontFile(
        "LXGWWenKai-Regular.ttf",
        "fonts-lxgw-wenkai=1.250+repack-1",
        f"{_DEBIAN_FONTS}/lxgw-wenkai/LXGWWenKai-Regular.ttf",
        "bbf534b0ca093928f94d1782855e65a19a32cde82b075d495d072025521953c8",
    ),
)


def fetch(folder: Path) -> None:
    """Puts all fonts into ``folder``. Raises ValueError naming a font whose bytes are not the ones expected."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [font for font in FONTS if not (folder / font.name).is_file()]
    for package in dict.fromkeys(font.package for font in missing):
        with tempfile.TemporaryDirectory() as temporary:
            unpacked = _unpack(package, Path(temporary))
            for font in missing:
                if font.package == package:
                    part = folder / f"{font.name}.part"
                    shutil.copyfile(unpacked / font.member, part)
                    part.replace(folder / font.name)
    for font in FONTS:
        found = sha256((folder / font.name).read_bytes()).hexdigest()
        if found != font.sha256:
            raise ValueError(f"{font.name} of {font.package}: found sha256 {found}, expected {font.sha256}")


def _unpack(package: str, folder: Path) -> Path:
    if package.startswith("@"):
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
    else:
        subprocess.run(["apt-get", "download", "--quiet", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["dpkg-deb", "--extract", str(next(folder.glob("*.deb"))), str(folder)], check=True)
    return folder


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
