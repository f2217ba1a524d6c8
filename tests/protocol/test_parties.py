"""Article 2: the parties, by number, by the word that the command takes, and by what they are."""

from jbplus.protocol.parties import PARTIES, PAYMENT_ACTORS, RECIPIENTS, WEWIS_KBOS, Role, party_of


def test_the_parties() -> None:
    assert [(party.kbo, party.key, party.role) for party in PARTIES] == [
        ("0316380841", "wewis", Role.SOURCE),
        ("0886886638", "opgroeien", Role.DIRECTOR),
        ("0692793497", "vutg", Role.PAYMENT_ACTOR),
        ("0685540471", "infino", Role.PAYMENT_ACTOR),
        ("0687467902", "kidslife", Role.PAYMENT_ACTOR),
        ("0683590375", "myfamily", Role.PAYMENT_ACTOR),
        ("0686764255", "parentia", Role.PAYMENT_ACTOR),
    ]
    assert list(RECIPIENTS) == list(PARTIES[1:])
    assert list(PAYMENT_ACTORS) == list(PARTIES[2:])
    assert sorted(WEWIS_KBOS) == ["0316380841", "2199323857"]


def test_a_party_is_found_by_each_of_its_numbers() -> None:
    assert party_of("2199323857") is party_of("0316380841") is PARTIES[0]
    assert party_of("0686764255") is PARTIES[-1]
    assert party_of("0123456749") is None
