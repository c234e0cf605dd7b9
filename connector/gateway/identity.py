"""How this instance names itself to Commerce Services, so that people can tell one instance from another there."""

from dataclasses import dataclass
from urllib.parse import quote

NAME_LENGTH = 255


@dataclass(frozen=True)
class Identity:
    """Id and name of an instance, and the data space that it works in; empty where it has chosen none."""

    instance_id: str
    name: str
    data_space_id: str = ""

    def headers(self, data_space_id: str = "") -> dict[str, str]:
        """Return the two headers of a call; none where the call only looks at a data space that is not ours.

        A header holds neither line breaks nor every character, so the name goes as percent-encoded UTF-8.
        Source: RFC 8187, section 3.2, whose encoding this is, without its `UTF-8''` in front.
        """
        if data_space_id and data_space_id != self.data_space_id:
            return {}
        name = quote(self.name[:NAME_LENGTH], safe="", errors="replace")
        return {"X-Commerce-Instance-Id": self.instance_id, "X-Commerce-Instance-Name": name}
