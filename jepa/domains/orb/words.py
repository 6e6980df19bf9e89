"""Words that generated programs and proposed actions are made of."""

ENTITIES = (
    "Task", "Order", "Ticket", "Device", "Student", "Invoice", "Room",
    "Player", "Patient", "Vehicle", "Product", "Lesson", "Booking", "Contract",
    "Payment", "Shipment", "Recipe", "Sensor", "Article", "Customer", "Event",
    "Project", "Lead", "Asset", "Survey", "Listing", "Member", "Course",
    "Report", "Message", "Budget", "Claim", "Visit", "Campaign", "Vendor",
    "Meal", "Quote", "Route", "Parcel", "Tenant",
)  # fmt: skip

# Field names by type; relations and enumerations are named after their target.
FIELDS = {
    "string": ("title", "note", "email", "label", "address", "code", "city"),
    "number": ("count", "price", "score", "quantity", "weight", "rank"),
    "boolean": ("done", "active", "urgent", "archived", "verified"),
    "timestamp": ("dueAt", "createdAt", "sentAt", "closedAt"),
    "date": ("birthday", "deadline"),
    "enum": ("status", "level", "stage", "color"),
    "array": ("tags", "items"),
    "object": ("settings", "details"),
}
VALUES = ("open", "closed", "low", "high", "draft", "final", "red", "blue")

STATES = (
    "idle", "busy", "loading", "ready", "active", "paused", "done", "failed",
    "review", "archived", "waiting", "locked", "published", "shipped", "empty",
)  # fmt: skip
EVENTS = (
    "START", "STOP", "PAUSE", "RESUME", "SUBMIT", "CANCEL", "RETRY", "FINISH",
    "ARCHIVE", "LOCK", "UNLOCK", "PUBLISH", "SHIP", "REVIEW", "CLEAR", "ASSIGN",
)  # fmt: skip
SIGNALS = (
    "CREATED", "UPDATED", "REMOVED", "APPROVED", "COMPLETED", "EXPIRED",
    "CHANGED", "SELECTED",
)  # fmt: skip
PAYLOADS = ("id", "data", "value", "reason", "name")
TICKS = ("poll", "heartbeat", "refresh", "cleanup")
VIEWS = ("List", "Detail", "Board", "Home", "Archive")
ADJECTIVES = (
    "simple", "shared", "mobile", "regional", "internal", "public", "daily",
    "smart", "open", "rapid", "quiet", "modern",
)  # fmt: skip

# Wrong on purpose: names that no program declares.
GHOSTS = ("Ghost", "Nobody", "missing", "unknown")

# Patterns of the user interface: properties that they take, required first,
# with a value each, and how many are required. "$entity" and "$fields" stand
# for the entity at hand and a list of its fields.
PATTERNS = {
    "page-header": (0, (("title", "Overview"), ("subtitle", "All of them"))),
    "typography": (0, (("content", "Welcome"), ("variant", "h2"))),
    "alert": (0, (("message", "Saved"), ("variant", "info"))),
    "badge": (0, (("label", "New"), ("variant", "success"))),
    "card": (0, (("title", "Summary"), ("subtitle", "Today"))),
    "stats": (0, (("label", "Total"), ("value", "12"))),
    "spinner": (0, (("size", "md"),)),
    "divider": (0, (("label", "More"),)),
    "empty-state": (0, (("title", "Nothing here"), ("description", "Yet"))),
    "search-input": (0, (("placeholder", "Search"),)),
    "progress-bar": (1, (("value", 40), ("label", "Progress"))),
    "button": (0, (("label", "Go"), ("action", "INIT"))),
    "form-section": (1, (("fields", "$fields"), ("entity", "$entity"))),
    "detail-panel": (1, (("fields", "$fields"), ("entity", "$entity"))),
    "timeline": (1, (("fields", "$fields"), ("entity", "$entity"))),
    "stack": (0, (("gap", "md"), ("direction", "vertical"))),
    "icon": (0, (("name", "check"), ("size", "md"))),
    "chart": (0, (("title", "Trend"), ("subtitle", "By week"))),
    "modal": (0, (("title", "Details"), ("size", "md"))),
}
SLOTS = ("main", "sidebar", "toast", "modal", "drawer", "hud")
CATEGORIES = ("interaction", "lifecycle", "integration", "workflow")
PERSISTENCE = ("runtime", "persistent", "singleton")
SCOPES = ("external", "internal")
