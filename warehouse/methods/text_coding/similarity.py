"""Neighbours by letters: official labels and aliases whose three-letter pieces resemble a text's.

Belongs here: TF-IDF of character trigrams and the cosine between them. Does not belong here: what a cosine is worth.
Written on scipy, which is here anyway; scikit-learn would bring 40 MB for these lines.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import sparse

from warehouse.methods.text_coding.dictionary import Label
from warehouse.methods.text_coding.normal import fold, stem, words

PIECE = 3


def pieces(text: str) -> Counter[str]:
    """Trigrams of every word's stem, with its borders."""
    found: Counter[str] = Counter()
    for word in words(text):
        padded = f"^{stem(fold(word))}$"
        found.update(padded[i : i + PIECE] for i in range(max(1, len(padded) - PIECE + 1)))
    return found


class Neighbours:
    """Labels as rows of a sparse matrix, each of length one."""

    def __init__(self, labels: list[Label]) -> None:
        self.labels = labels
        counted = [pieces(label.text) for label in labels]
        self.column = {piece: i for i, piece in enumerate(sorted({p for c in counted for p in c}))}
        documents = Counter(piece for c in counted for piece in c)
        n = len(labels)
        self.idf = np.array([np.log((1 + n) / (1 + documents[p])) + 1.0 for p in self.column])
        self.matrix = self._rows(counted)

    def _rows(self, counted: list[Counter[str]]) -> sparse.csr_matrix:
        rows, columns, values = [], [], []
        for row, counts in enumerate(counted):
            for piece, count in counts.items():
                if piece in self.column:
                    rows.append(row)
                    columns.append(self.column[piece])
                    values.append((1.0 + np.log(count)) * self.idf[self.column[piece]])
        made = sparse.csr_matrix((values, (rows, columns)), shape=(len(counted), len(self.column)), dtype=float)
        length = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
        return sparse.csr_matrix(sparse.diags(1.0 / np.where(length > 0, length, 1.0)) @ made)

    def of(self, text: str, classifications: tuple[str, ...], kind: str, limit: int = 5) -> list[tuple[Label, float]]:
        """The nearest labels of some classifications with their cosines (0 to 1), one per code, best first."""
        cosine = (self.matrix @ self._rows([pieces(text)]).T).toarray().ravel()
        best: dict[tuple[str, str], tuple[Label, float]] = {}
        for at in np.argsort(-cosine, kind="stable"):
            label = self.labels[at]
            if cosine[at] <= 0 or len(best) >= limit:
                break
            if label.classification in classifications and label.kind == kind:
                best.setdefault((label.classification, label.code), (label, float(cosine[at])))
        return list(best.values())
