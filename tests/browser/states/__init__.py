"""Every state that a person can meet, by name: one module for each part of the product."""

from tests.browser.states import (
    configuration,
    dashboard,
    frame,
    guide,
    home,
    my_account,
    orders,
    payments,
    second_factor,
    sessions,
    system,
    ways,
)
from tests.browser.states.making import State

STATES: dict[str, State] = {
    **sessions.STATES,
    **second_factor.STATES,
    **frame.STATES,
    **dashboard.STATES,
    **configuration.STATES,
    **payments.STATES,
    **orders.STATES,
    **home.STATES,
    **ways.STATES,
    **guide.STATES,
    **my_account.STATES,
    **system.STATES,
}
