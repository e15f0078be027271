"""What Wingline says to people, in every language it has."""

from ivr.prompts.texts import BadPromptFile, LanguageTexts, Voice, languages

__all__ = ["BadPromptFile", "LanguageTexts", "Voice", "languages"]
