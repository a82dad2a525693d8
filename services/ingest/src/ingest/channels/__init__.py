"""What each platform says and wants: one file, or folder, per channel."""
