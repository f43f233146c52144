"""Pictures and PDFs written anew, without what they say of their maker: no EXIF, no author, no script, no hidden file.

Belongs here: rewriting. Does not belong here: which files are admitted (admission.py).
"""

from __future__ import annotations

import io
import warnings
from typing import Any, Final

import pikepdf
from PIL import Image, ImageOps

from casework.files.admission import FileRefused

_MOST_PIXELS: Final = 40_000_000
_MOST_PAGES: Final = 2000
_FORMATS: Final = ("JPEG", "PNG")
#: Keys of a PDF's catalogue and pages that run something, carry files, or tell of the maker.
_CATALOGUE: Final = ("/OpenAction", "/AA", "/Metadata", "/PieceInfo", "/AF", "/SpiderInfo")
_PAGE: Final = ("/AA", "/Metadata", "/PieceInfo", "/AF")


def picture(name: str, content: bytes) -> bytes:
    """The picture's pixels in a new file of the same format, turned upright. Raises FileRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as held:
                if held.width * held.height > _MOST_PIXELS:
                    raise FileRefused(f"{name} has more than {_MOST_PIXELS // 1_000_000} million pixels: shrink it")
                kind = held.format or "PNG"
                held.load()
                upright = ImageOps.exif_transpose(held)
                mode = "RGB" if kind == "JPEG" or upright.mode not in ("L", "RGB", "RGBA") else upright.mode
                pixels = Image.frombytes(mode, upright.size, upright.convert(mode).tobytes())
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(f"{name} is no picture that can be read: save it again as PNG or JPEG") from None
    out = io.BytesIO()
    pixels.save(out, kind, **({"quality": 92} if kind == "JPEG" else {"optimize": False}))
    return out.getvalue()


def pdf(name: str, content: bytes) -> bytes:
    """The PDF's pages in a new file. Raises FileRefused for one that is locked, broken or has too many pages."""
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(content)) as held:
            if len(held.pages) > _MOST_PAGES:
                raise FileRefused(f"{name} has more than {_MOST_PAGES} pages: send those that matter")
            if held.is_encrypted:
                raise FileRefused(f"{name} is locked: print it to a new PDF without a password")
            _drop(held.Root, _CATALOGUE)
            names: Any = held.Root.get("/Names")
            if isinstance(names, pikepdf.Dictionary):
                _drop(names, ("/JavaScript", "/EmbeddedFiles"))
            for page in held.pages:
                _drop(page.obj, _PAGE)
                _quiet(page.obj)
            if "/Info" in held.trailer:
                del held.trailer["/Info"]
            held.remove_unreferenced_resources()
            held.save(out, deterministic_id=True)
    except pikepdf.PasswordError:
        raise FileRefused(f"{name} is locked: print it to a new PDF without a password") from None
    except (pikepdf.PdfError, RuntimeError, TypeError, KeyError) as error:
        raise FileRefused(f"{name} is no PDF that can be read: print it anew ({type(error).__name__})") from None
    return out.getvalue()


def _quiet(page: Any) -> None:
    """Annotations that run something or carry a file lose that, and their author."""
    notes: Any = page.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return
    kept = []
    for note in notes:
        if not isinstance(note, pikepdf.Dictionary):
            continue
        if str(note.get("/Subtype", "")) in ("/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D"):
            continue
        _drop(note, ("/A", "/AA", "/T", "/Contents", "/FS"))
        kept.append(note)
    page["/Annots"] = pikepdf.Array(kept)


def _drop(held: Any, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in held:
            del held[key]
