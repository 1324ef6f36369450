"""Add up JUnit reports and print one closing line; exits 1 where a test failed or none ran."""

import sys
from xml.etree import ElementTree as ET


def main() -> int:
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for path in sys.argv[1:]:
        try:
            suites = ET.parse(path).getroot().iter("testsuite")
        except (OSError, ET.ParseError) as error:
            print(f"{path}: {error}")
            counts["errors"] += 1
            continue
        for suite in suites:
            for name in counts:
                counts[name] += int(suite.get(name, "0"))
    bad = counts["failures"] + counts["errors"]
    passed = counts["tests"] - bad - counts["skipped"]
    print(f"{passed} passed, {bad} failed, {counts['skipped']} skipped")
    return 1 if bad or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
