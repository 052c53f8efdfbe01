"""TeX that plain text can hold: ``x^2``, ``\\alpha \\times \\beta``. Everything else is left out."""

from __future__ import annotations

import re

_SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "times": "×", "cdot": "·", "div": "÷", "pm": "±",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "equiv": "≡", "in": "∈",
    "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "infty": "∞", "to": "→",
    "rightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒", "ldots": "…", "cdots": "…", "dots": "…", "circ": "°",
    "partial": "∂", "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫", "forall": "∀", "exists": "∃", "log": "log",
    "sin": "sin", "cos": "cos", "tan": "tan", "ln": "ln", "exp": "exp", "max": "max", "min": "min", "lim": "lim",
    "quad": " ", "qquad": " ", "displaystyle": "", "textstyle": "", "left": "", "right": "",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)[ \t]*")
_SPACING = re.compile(r"\\[,;:! ]")
_STYLE = re.compile(r"\\(?:mathrm|mathbf|mathit|mathbb|mathcal|text|textrm|operatorname|rm|bf|it)\s*\{([^{}\\]*)\}")
_SCRIPT = re.compile(r"([_^])\{([^{}\\\s]{1,3})\}")
_LONGEST = 200


def plain_formula(tex: str) -> str | None:
    """The formula as a line of text, or None where it needs more than one line or a command not known here.

    >>> plain_formula(r"O(n^2)"), plain_formula(r"\\alpha \\le \\mathrm{pH}"), plain_formula(r"\\frac{a}{b}")
    ('O(n^2)', 'α ≤ pH', None)
    """
    if len(tex) > _LONGEST:
        return None
    text = tex.replace("~", " ")
    if "\\" in text:
        text = _SPACING.sub(" ", text.replace("^\\circ", "\\circ").replace("^{\\circ}", "\\circ"))
        text = _STYLE.sub(r"\1", text)
    if "{" in text:
        text = _SCRIPT.sub(r"\1\2", text)
    if "\\" in text:
        text = _COMMAND.sub(_symbol, text)
    if "\\" in text or "{" in text or "}" in text or "&" in text:
        return None
    return " ".join(text.split())


def _symbol(match: re.Match[str]) -> str:
    return _SYMBOLS.get(match.group(1), match.group()) + " "
