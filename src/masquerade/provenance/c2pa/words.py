"""The vocabulary of C2PA and IPTC in words that need no knowledge of either.

Sources: C2PA 2.4, sections 15.2.2 (status codes) and 18.15 (actions); IPTC's NewsCodes for digital
source types; CAWG's training and data mining assertion 1.1. What is not listed is shown as it is.
"""

from __future__ import annotations

from typing import Final

ACTIONS: Final = {
    "c2pa.addedText": "put words into the picture",
    "c2pa.adjustedColor": "changed its colours",
    "c2pa.changedSpeed": "changed its speed",
    "c2pa.color_adjustments": "changed its colours",
    "c2pa.converted": "changed its file format",
    "c2pa.created": "made it anew",
    "c2pa.cropped": "cut off a part of it",
    "c2pa.deleted": "took a part out",
    "c2pa.drawing": "drew on it",
    "c2pa.dubbed": "put another voice on it",
    "c2pa.edited": "changed what it shows",
    "c2pa.edited.metadata": "changed its metadata",
    "c2pa.enhanced": "improved its quality",
    "c2pa.filtered": "put a filter over it",
    "c2pa.opened": "started from an existing file",
    "c2pa.orientation": "turned it",
    "c2pa.placed": "put another file's content into it",
    "c2pa.published": "published it",
    "c2pa.redacted": "took a statement out of its history",
    "c2pa.removed": "took another file's content out of it",
    "c2pa.repackaged": "put it into another kind of file",
    "c2pa.resized": "changed its size",
    "c2pa.transcoded": "encoded it again",
    "c2pa.translated": "translated it",
    "c2pa.trimmed": "cut its length",
    "c2pa.unknown": "did something it does not name",
    "c2pa.watermarked": "put in an invisible watermark",
    "c2pa.watermarked.bound": "put in an invisible watermark",
    "c2pa.watermarked.unbound": "put in an invisible watermark",
}

SOURCE_TYPES: Final = {
    "algorithmicallyEnhanced": "recorded, then improved by a program",
    "algorithmicMedia": "made by a program, without AI",
    "composite": "put together from several files",
    "compositeCapture": "put together from several recordings",
    "compositeSynthetic": "put together from several files, some of them synthetic",
    "compositeWithTrainedAlgorithmicMedia": "partly made by AI",
    "computationalCapture": "recorded, with a camera's own processing",
    "dataDrivenMedia": "drawn from data",
    "digitalArt": "drawn by a person, on a computer",
    "digitalCapture": "recorded with a camera or microphone",
    "digitalCreation": "made by a person, on a computer",
    "humanEdits": "recorded, then changed by a person",
    "minorHumanEdits": "recorded, with small changes by a person",
    "negativeFilm": "scanned from a negative",
    "positiveFilm": "scanned from a slide",
    "print": "scanned from paper",
    "screenCapture": "recorded from a screen",
    "softwareImage": "made with a program",
    "trainedAlgorithmicData": "data made by AI",
    "trainedAlgorithmicMedia": "made by AI",
    "virtualRecording": "recorded from a virtual scene",
}

RELATIONSHIPS: Final = {
    "parentOf": "the file that this one was made from",
    "componentOf": "put into it",
    "inputTo": "used while making it",
}

MACHINE_USES: Final = {
    "ai_generative_training": "training generative AI",
    "ai_inference": "being looked at by AI",
    "ai_training": "training AI",
    "data_mining": "data mining",
}
MACHINE_ANSWERS: Final = {
    "allowed": "allowed",
    "notAllowed": "not allowed",
    "constrained": "allowed under conditions",
}

FAILURES: Final = {
    "assertion.dataHash.mismatch": "the content was changed after it was signed",
    "assertion.bmffHash.mismatch": "the content was changed after it was signed",
    "assertion.boxesHash.mismatch": "the content was changed after it was signed",
    "assertion.collectionHash.mismatch": "the content was changed after it was signed",
    "assertion.hashedURI.mismatch": "a statement in the manifest was changed after it was signed",
    "assertion.missing": "a statement in the manifest is missing",
    "assertion.undeclared": "a statement was added to the manifest after it was signed",
    "assertion.inaccessible": "a statement of the manifest cannot be read",
    "assertion.notRedacted": "a statement said to be taken out is still there",
    "assertion.selfRedacted": "the manifest takes out a statement of its own",
    "assertion.required.missing": "a statement that every manifest needs is missing",
    "assertion.action.ingredientMismatch": "an action speaks of a file that is not in the history",
    "assertion.action.malformed": "an action is stated in a form that the standard does not allow",
    "assertion.action.redacted": "an action was taken out, which the standard does not allow",
    "assertion.cbor.invalid": "a statement in the manifest is damaged",
    "assertion.json.invalid": "a statement in the manifest is damaged",
    "assertion.multipleHardBindings": "the manifest is bound to more than one content",
    "claim.hardBindings.missing": "the manifest is bound to no content",
    "claim.missing": "the manifest says nothing",
    "claim.multiple": "the manifest says two things at once",
    "claim.malformed": "the manifest is damaged",
    "claim.cbor.invalid": "the manifest is damaged",
    "claimSignature.mismatch": "the signature does not fit the manifest",
    "claimSignature.missing": "the signature is missing",
    "claimSignature.outsideValidity": "it was signed when the signer's certificate was not valid",
    "general.error": "the manifest could not be checked to its end",
    "ingredient.manifest.missing": "the history of an ingredient is missing",
    "ingredient.manifest.mismatch": "the history of an ingredient was changed",
    "ingredient.claimSignature.mismatch": "the signature in an ingredient's history was changed",
    "manifest.multipleParents": "it names two files that it was made from",
    "manifest.update.invalid": "an update of the manifest is not allowed as it is",
    "signingCredential.expired": "the signer's certificate has expired, and no timestamp shows"
    " that the signature is older",
    "signingCredential.ocsp.revoked": "the signer's certificate was revoked",
    "signingCredential.revoked": "the signer's certificate was revoked",
    "signingCredential.invalid": "the signer's certificate may not sign media",
    "algorithm.unsupported": "it is signed with an algorithm that cannot be checked",
    "algorithm.deprecated": "it is signed with an algorithm that is too weak by now",
    "manifest.inaccessible": "the manifest lies elsewhere and is not fetched",
}

# Failures that say who is not known here, or what was not looked at; nothing is damaged by them.
HARMLESS: Final = frozenset(
    {
        "signingCredential.untrusted",
        "cawg.x509.credential.untrusted",
        "cawg.ica.credential.untrusted",
        "timeStamp.untrusted",
        "timeStamp.outsideValidity",
        "manifest.inaccessible",
        "ingredient.unknownProvenance",
    }
)


def failure_words(code: str) -> str:
    """What a failed check means.

    Example:
        >>> failure_words("claimSignature.mismatch")
        'the signature does not fit the manifest'
    """
    return FAILURES.get(code, f"a check failed: {code}")


def action_words(action: str) -> str:
    """What was done.

    Example:
        >>> action_words("c2pa.opened")
        'started from an existing file'
    """
    return ACTIONS.get(action, action.removeprefix("c2pa.") or "did something it does not name")


def source_type_words(address: str) -> str:
    """What kind of material it is, by the address or name of its IPTC or C2PA term.

    Example:
        >>> source_type_words("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture")
        'recorded with a camera or microphone'
    """
    term = address.strip().rstrip("/").rpartition("/")[2]
    return SOURCE_TYPES.get(term, term)


def relationship_words(relationship: str) -> str:
    """What an ingredient is to the file.

    Example:
        >>> relationship_words("componentOf")
        'put into it'
    """
    return RELATIONSHIPS.get(relationship, relationship or "it is not said what for")


def machine_use_words(label: str, answer: str) -> str:
    """What may be done with the file by machines.

    Example:
        >>> machine_use_words("cawg.data_mining", "notAllowed")
        'data mining: not allowed'
    """
    use = MACHINE_USES.get(label.rpartition(".")[2], label)
    return f"{use}: {MACHINE_ANSWERS.get(answer, answer or 'not said')}"
