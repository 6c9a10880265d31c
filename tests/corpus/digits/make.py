"""Makes the handwritten digits that runs are shown on.

    pip install scikit-learn==1.7.2 && python tests/corpus/digits/make.py

The data: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning
Repository, 1998 (doi 10.24432/C50P49), licence CC BY 4.0, as scikit-learn ships it (`load_digits`).
Changed here: split, scaled by 1/16, standardised with the mean and deviation of the training part.

Writes digits.npz (500 images to test on: x, y) and digits_train.npz (1,297 images) beside itself, the
same bytes each time.
"""
import io
import pathlib
import zipfile

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def save(path, **arrays):
    """As numpy.savez_compressed, without the time of day in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(array))
            file.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


here = pathlib.Path(__file__).parent
data = load_digits()
x = (data.images[:, None] / 16).astype(np.float32)
train_x, test_x, train_y, test_y = train_test_split(x, data.target.astype(np.int64), test_size=500, random_state=0, stratify=data.target)
mean, std = train_x.mean(), train_x.std()
save(here / "digits.npz", x=(test_x - mean) / std, y=test_y)
save(here / "digits_train.npz", x=(train_x - mean) / std, y=train_y)
print(f"{len(test_x)} and {len(train_x)} images, mean {mean}, deviation {std}")
