"""What is drawn, as plain values: rows of styled pieces of text, and the escape codes for them.

It knows neither Textual nor widgets. The widgets wrap these rows into Textual's strips; the first
frame, which is drawn before Textual is loaded, turns the same rows into escape codes.
"""
