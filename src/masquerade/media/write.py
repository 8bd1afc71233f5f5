"""All writing of media, in one place: `masquerade.provenance.seal` alone calls it."""

from masquerade.media.encoding import Encoding
from masquerade.media.join import join
from masquerade.media.segment import encode_segment
from masquerade.media.write_animations import write_animation
from masquerade.media.write_stills import write_still

__all__ = ["Encoding", "encode_segment", "join", "write_animation", "write_still"]
