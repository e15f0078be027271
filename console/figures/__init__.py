"""Figures: how the line did, in counts about nobody, published once for each week, four weeks and twelve weeks."""
