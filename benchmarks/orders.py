"""Time the orders: the pages of the report, its export, and a sync. README.md says how."""

import argparse
import os
import time

from server import database, set_up


def main() -> None:
    """Fill a database, and print what each part took."""
    asked = arguments()
    url = os.environ.get("DATABASE_URL", "sqlite:")
    with database(url) as own_url:
        set_up(own_url)
        print(url.partition(":")[0], flush=True)
        time_report(asked.few, asked.orders)
        time_sync(asked.changed)


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000, help="orders of the small store (default: %(default)s)")
    parser.add_argument("--orders", type=int, default=100_000, help="orders of the large store (default: %(default)s)")
    parser.add_argument("--changed", type=int, default=10_000, help="orders that change (default: %(default)s)")
    return parser.parse_args()


def time_report(few: int, many: int) -> None:
    """Fill a small and a large store, and print what the report of each takes. The large one stays connected."""
    import order_pages
    import order_rows
    import reports

    from connector.environment import Environment
    from payments.models import OrderSource

    sizes = {"small": few, reports.SPACE: many}
    for space, count in sizes.items():
        source = OrderSource.objects.create(data_space_id=space, environment=Environment.SANDBOX)
        started = time.perf_counter()
        order_rows.fill(source, count)
        print(f"filled with {count:,} orders in {time.perf_counter() - started:.1f} s", flush=True)
    reports.connect()
    order_pages.time_pages(sizes)


def time_sync(changed: int) -> None:
    """Print how long a sync takes in which `changed` orders changed, and one in which they are all new."""
    import order_rows
    import reports

    from connector import connection
    from connector.environment import Environment
    from payments.models import OrderSource
    from payments.orders import sync

    with reports.gateway(list(order_rows.sent(changed))):
        stored = connection.load()
        for name in ("changed", "new"):
            started = time.perf_counter()
            outcome = sync.read_all(stored, Environment.SANDBOX)
            print(f"sync of {changed:,} {name} orders: {time.perf_counter() - started:.1f} s ({outcome})", flush=True)
            OrderSource.objects.filter(data_space_id=stored.data_space_id).delete()


if __name__ == "__main__":
    main()
