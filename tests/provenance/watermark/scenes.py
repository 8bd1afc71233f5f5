"""Pictures made for the tests: part smooth, part rough, like photographs."""

import cv2
import numpy as np

KEY = bytes(range(32))


def photo(width: int, height: int, seed: int = 7) -> np.ndarray:
    """(height, width, 3) uint8: a soft gradient, blobs of texture, some edges."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    base = 90 + 70 * x / width + 40 * y / height
    rough = cv2.GaussianBlur(60 * rng.standard_normal((height, width), np.float32), (0, 0), 1.2)
    where = cv2.resize(rng.random((6, 8), np.float32), (width, height)).astype(np.float32)
    gray = base + rough * where
    cv2.circle(gray, (width // 2, height // 2), min(width, height) // 4, 200.0, 3)
    tint = np.array([1.0, 0.95, 0.85], np.float32)
    return np.clip(gray[..., None] * tint, 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """The picture after JPEG."""
    bgr = np.ascontiguousarray(pixels[..., ::-1])
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def psnr(before: np.ndarray, after: np.ndarray) -> float:
    """Peak signal to noise ratio in dB."""
    error = float(np.mean((before.astype(np.float64) - after) ** 2))
    return 10 * np.log10(255**2 / max(error, 1e-12))
