"""All writing of media, in one place: `masquerade.provenance.seal` alone calls it."""

from masquerade.media.encoding import Encoding
from masquerade.media.join import join
from masquerade.media.segment import encode_segment

__all__ = ["Encoding", "encode_segment", "join"]
