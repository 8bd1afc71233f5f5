"""A photo that talks: `portrait.portrait` is the way in."""
