"""Draw the brand images: a person in a room, seen as ripples of radio. The results are committed.

Usage: python script/make_brand.py
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

BRAND = Path(__file__).resolve().parents[1] / "custom_components" / "ruview" / "brand"
#: Drawn this many times larger, then scaled down: Pillow's shapes have no smooth edges of their own.
OVERSAMPLING = 8
NIGHT, TEAL, MINT, WHITE = (16, 34, 54, 255), (24, 122, 143, 255), (111, 226, 196, 255), (250, 253, 255, 255)


def blend(low: tuple[int, ...], high: tuple[int, ...], share: float) -> tuple[int, ...]:
    """A colour between two others."""
    return tuple(round(a + (b - a) * share) for a, b in zip(low, high, strict=True))


def icon(size: int) -> Image.Image:
    """A rounded square with the sign on it."""
    n = size * OVERSAMPLING
    image = Image.new("RGBA", (n, n), (0, 0, 0, 0))
    shade = Image.new("RGBA", (n, n))
    draw = ImageDraw.Draw(shade)
    for row in range(n):
        draw.line([(0, row), (n, row)], fill=blend(NIGHT, TEAL, row / n))
    mask = Image.new("L", (n, n), 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, n - 1, n - 1], radius=n * 0.22, fill=255)
    image.paste(shade, (0, 0), mask)
    sign(ImageDraw.Draw(image), n)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def sign(draw: ImageDraw.ImageDraw, n: int) -> None:
    """Head, shoulders, and three arcs of radio on either side."""
    middle, crown = n * 0.5, n * 0.37
    head = n * 0.105
    draw.ellipse([middle - head, crown - head, middle + head, crown + head], fill=WHITE)
    top, half, bottom = n * 0.515, n * 0.175, n * 0.80
    draw.rounded_rectangle([middle - half, top, middle + half, bottom], radius=half, fill=WHITE)
    draw.rectangle([middle - half, n * 0.70, middle + half, bottom], fill=WHITE)
    centre = n * 0.53
    for step, strength in enumerate((1.0, 0.66, 0.36)):
        radius = n * (0.265 + 0.075 * step)
        colour = (*MINT[:3], round(255 * strength))
        box = [middle - radius, centre - radius, middle + radius, centre + radius]
        for start in (-42, 138):
            draw.arc(box, start, start + 84, fill=colour, width=round(n * 0.033))


def logo(height: int, ink: tuple[int, ...]) -> Image.Image:
    """The icon with the name beside it."""
    font = ImageFont.load_default(size=height * 0.62)
    width = round(font.getlength("RuView") + height * 1.3)
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste(icon(height), (0, 0))
    ImageDraw.Draw(image).text((height * 1.2, height * 0.5), "RuView", font=font, fill=ink, anchor="lm")
    return image


def main() -> None:
    """Write every size that Home Assistant asks for."""
    BRAND.mkdir(exist_ok=True)
    for suffix, scale in (("", 1), ("@2x", 2)):
        icon(256 * scale).save(BRAND / f"icon{suffix}.png", optimize=True)
        logo(128 * scale, NIGHT).save(BRAND / f"logo{suffix}.png", optimize=True)
        logo(128 * scale, WHITE).save(BRAND / f"dark_logo{suffix}.png", optimize=True)
    for path in sorted(BRAND.glob("*.png")):
        print(f"{path.name:18} {path.stat().st_size / 1024:6.1f} KiB")


if __name__ == "__main__":
    main()
