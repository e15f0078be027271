"""Contacts of the site file: what is wrong is said in words, and no secret stands in it."""

from pathlib import Path

import pytest

from escalation.contacts import Way
from models.errors import BadSite
from wingline.contacts_part import secrets_of
from wingline.settings import SECRETS
from wingline.site import SiteFile, read_site

EXAMPLE = (Path(__file__).parents[2] / "docs" / "site-example.toml").read_text("utf-8")
MAIL = '[mail]\nhost = "mail.example.net"\nport = 587\nencryption = "starttls"\nsender = "w@example.net"\n'
EMAIL = 'way = "email"\naddress = "duty@example.net"\n'
WEBHOOK = 'way = "webhook"\naddress = "https://screens.example.net/w"\nsecret = "screen_key"\n'
APPRISE = 'way = "apprise"\naddress = "ntfys://{secret}@ntfy.example.net/w"\nsecret = "pager_token"\n'
REST = '\n[[contacts]]\nname = "duty"\npost = "healthcare"\ntells_location = false\n'


def a_site(folder: Path, more: str) -> SiteFile:
    file = folder / "site.toml"
    file.write_text(EXAMPLE.replace("\n[rota]\n", f"\n{more}\n[rota]\n"), "utf-8")
    return read_site(file)


def with_the_examples_contacts(text: str) -> str:
    """The example as it is when somebody takes the # away."""
    begins, ends = text.index("# [mail]"), text.index("# How those are reached whom")
    lines = (line.removeprefix("# ").removeprefix("#") for line in text[begins:ends].splitlines())
    return text[:begins] + "\n".join(lines) + "\n" + text[ends:]


def test_the_examples_contacts_are_contacts(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(with_the_examples_contacts(EXAMPLE), "utf-8")
    site = read_site(file)

    assert [contact.way for contact in site.contacts] == [Way.EMAIL, Way.WEBHOOK, Way.APPRISE]
    assert site.mail is not None
    assert site.mail.secret == "mail_password"  # noqa: S105 - its name


def test_a_site_without_contacts_is_a_site(tmp_path: Path) -> None:
    site = a_site(tmp_path, "")

    assert (site.contacts, site.mail) == ([], None)


@pytest.mark.parametrize("way", [MAIL + REST + EMAIL, REST + WEBHOOK, REST + APPRISE], ids=["mail", "hook", "apprise"])
def test_what_is_right_is_taken(tmp_path: Path, way: str) -> None:
    assert a_site(tmp_path, way).contacts[0].contact().name == "duty"


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (REST.replace("healthcare", "kitchen") + WEBHOOK, r"contacts\.0\.post"),
        (REST.replace("tells_location = false\n", "") + WEBHOOK, r"contacts\.0\.tells_location: Field required"),
        (REST + WEBHOOK + REST + WEBHOOK, "contacts: a name is used twice"),
        (REST.replace("duty", "d" * 41) + WEBHOOK, r"contacts\.0\.name"),
        (REST + EMAIL, r"contacts\.duty\.way: email needs a part \[mail\]"),
        (MAIL + REST + EMAIL.replace("duty@", "duty at "), r"contacts\.duty\.address: this is no email address"),
        (MAIL + REST + EMAIL.replace("duty@", "duty\\nBcc: x@"), r"contacts\.duty\.address: this is no email address"),
        (MAIL + REST + EMAIL + 'secret = "screen_key"\n', r"contacts\.duty\.secret: an email has none"),
        (REST + WEBHOOK.replace("https://", "http://"), r"contacts\.duty\.address: a webhook is https"),
        (REST + WEBHOOK.replace("https://screens", "screens"), r"contacts\.duty\.address: a webhook is https"),
        (REST + WEBHOOK.replace("https://", "https://me:word@"), r"contacts\.duty\.address: no name or password"),
        (REST + WEBHOOK.replace('secret = "screen_key"\n', ""), r"contacts\.duty\.secret: a webhook is signed"),
        (REST + WEBHOOK.replace("screen_key", "ami"), r"contacts\.duty\.secret: ami is one of Wingline's own"),
        (REST + WEBHOOK.replace("screen_key", "whsec_ABCD="), r"contacts\.0\.secret"),
        (REST + APPRISE.replace("ntfys://{secret}@", ""), r"contacts\.duty\.address: this is no address of apprise"),
        (REST + APPRISE.replace("{secret}@", ""), r"contacts\.duty\.address: say with {secret} where"),
        (REST + APPRISE.replace('secret = "pager_token"\n', ""), r"contacts\.duty\.secret: {secret} in the address"),
        (MAIL.replace("starttls", "none"), r'mail\.encryption: "none" is for a server on this machine'),
        (MAIL.replace("starttls", "perhaps"), r"mail\.encryption"),
        (MAIL + 'login = "me"\n', r"mail\.login: login and secret go together"),
        (MAIL + 'login = "me"\nsecret = "trunk"\n', r"mail\.secret: trunk is one of Wingline's own"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, more: str, complaint: str) -> None:
    with pytest.raises(BadSite, match=complaint):
        a_site(tmp_path, more)


def test_a_webhook_to_this_machine_needs_no_tls(tmp_path: Path) -> None:
    assert a_site(tmp_path, REST + WEBHOOK.replace("https://screens.example.net", "http://localhost:8200")).contacts


def test_a_post_that_the_site_does_not_have_is_no_contacts_post(tmp_path: Path) -> None:
    text = EXAMPLE.replace('posts = ["control_room", "healthcare", ', 'posts = ["control_room", ')
    file = tmp_path / "site.toml"
    file.write_text(text.replace("\n[rota]\n", f"\n{REST}{WEBHOOK}\n[rota]\n"), "utf-8")

    with pytest.raises(BadSite, match=r"contacts\.duty\.post: healthcare is not among the posts"):
        read_site(file)


def test_secrets_are_found_by_name_or_in_a_file_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "key"
    own.write_text("from-a-file\n")
    more = REST + WEBHOOK + REST.replace("duty", "two") + WEBHOOK.replace("screen_key", str(own))
    more += REST.replace("duty", "three") + WEBHOOK.replace("screen_key", str(tmp_path / "missing"))
    site = a_site(tmp_path, more + REST.replace("duty", "four") + APPRISE)
    known = {"screen_key": "by-name", **dict.fromkeys(SECRETS, "ours")}

    assert secrets_of(site.contacts, site.mail, known) == {"screen_key": "by-name", str(own): "from-a-file"}
