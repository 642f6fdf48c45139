"""Worlds: small stories told as events, with answers written by hand.

`story` holds the words to tell them with, one module per theme holds the stories, `judge` holds tables against answers.
"""
