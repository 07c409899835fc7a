"""What the first bytes of a generated file say: is it an image or a video, and how large?"""
