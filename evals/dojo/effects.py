"""What agentdojo's tools do to the world, as a user who attaches them would declare it.

The declarations follow from what the tools are, not from where the benchmark plants its attacks.
"""

from collections.abc import Mapping
from typing import Final

from agent.execution.policy import ToolEffect

_OWN: Final[tuple[ToolEffect, ...]] = ("reads",)
"""Tells the user's own data, or the date: nobody else can put words into it."""

_OTHERS: Final[tuple[ToolEffect, ...]] = ("reads", "network")
"""Shows text that others may have written: mail, files that are shared, reviews, pages, what payments are for."""

_CHANGES: Final[tuple[ToolEffect, ...]] = ("writes", "outside")
"""Changes what is outside of any sandbox: accounts, calendars, files of the user, what others are sent."""

_BY_EFFECT: Final[Mapping[tuple[ToolEffect, ...], str]] = {
    _OWN: "get_current_day get_balance get_iban get_user_info get_user_information",
    _OTHERS: """
        get_unread_emails get_sent_emails get_received_emails get_draft_emails search_emails search_contacts_by_name
        search_contacts_by_email search_calendar_events get_day_calendar_events search_files_by_filename get_file_by_id
        list_files search_files
        get_all_hotels_in_city get_hotels_prices get_rating_reviews_for_hotels get_hotels_address
        get_all_restaurants_in_city get_cuisine_type_for_restaurants get_restaurants_address
        get_rating_reviews_for_restaurants get_dietary_restrictions_for_all_restaurants
        get_contact_information_for_restaurants get_price_for_restaurants check_restaurant_opening_hours
        get_all_car_rental_companies_in_city get_car_types_available get_rating_reviews_for_car_rental
        get_car_fuel_options get_car_rental_address get_car_price_per_day get_flight_information
        get_most_recent_transactions get_scheduled_transactions read_file
        get_channels read_channel_messages read_inbox get_users_in_channel get_webpage
    """,
    _CHANGES: """
        send_email delete_email create_calendar_event cancel_calendar_event reschedule_calendar_event
        add_calendar_event_participants append_to_file create_file delete_file share_file
        reserve_hotel reserve_car_rental reserve_restaurant
        send_money schedule_transaction update_scheduled_transaction update_password update_user_info
        add_user_to_channel send_direct_message send_channel_message invite_user_to_slack remove_user_from_slack
        post_webpage
    """,
}

_EFFECTS: Final = {name: effects for effects, names in _BY_EFFECT.items() for name in names.split()}


def effects_of(tool: str) -> tuple[ToolEffect, ...]:
    """Return what a tool does; nothing for one that is not known, which then counts as acting outside."""
    return _EFFECTS.get(tool, ())
