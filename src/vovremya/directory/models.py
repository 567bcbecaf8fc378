"""The station's directories: network, branches, bays, works, reasons, scripts, staff."""

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from vovremya.directory.rules import AccessChange, Language, Role, fold_username, is_training_code


class Installation(models.Model):
    """One row: what this database is. `epoch` changes when it is restored or moved."""

    class Kind(models.TextChoices):
        PRODUCTION = "production"
        TRIAL = "trial"
        DEMO = "demo"

    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PRODUCTION)
    epoch = models.CharField(max_length=32)
    # The anchor of the shown time, in trials and demos only.
    clock_real_at = models.DateTimeField(null=True)
    clock_shown_at = models.DateTimeField(null=True)
    clock_speed = models.FloatField(default=1.0)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),)


class Network(models.Model):
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="branches")
    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    zone = models.CharField(max_length=64)  # IANA name
    position = models.PositiveIntegerField(default=0)
    pause_minutes = models.PositiveSmallIntegerField(
        default=0
    )  # between two visits on one bay, where times are offered
    second_step_roles = models.JSONField(default=list)  # whoever holds one of them here signs in with a second step
    is_active = models.BooleanField(db_default=True, default=True)  # one that is retired takes no new visits

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def is_training(self) -> bool:
        """One where people practise on invented clients: nobody is called from there."""
        return is_training_code(self.code)


class Policy(models.Model):
    """An immutable version of the minutes and attempts (M1–M10)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField()
    late_after_minutes = models.PositiveIntegerField(default=10)
    contact_within_minutes = models.PositiveIntegerField(default=10)
    retry_after_minutes = models.PositiveIntegerField(default=5)
    attempts = models.PositiveIntegerField(default=2)
    near_within_minutes = models.PositiveIntegerField(default=10)
    voicemail_counts = models.BooleanField(default=True)
    # Reminders of visits to come; empty: none of that kind. Nobody is called outside of these hours.
    remind_day_before_minute = models.PositiveSmallIntegerField(null=True)  # of the day before, by the branch's clock
    remind_before_minutes = models.PositiveSmallIntegerField(null=True)  # so long before the visit
    calls_from_minute = models.PositiveSmallIntegerField(default=9 * 60)
    calls_until_minute = models.PositiveSmallIntegerField(default=20 * 60)
    in_force_from = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("branch", "number"), name="policy_number_once"),
            models.CheckConstraint(
                condition=models.Q(calls_until_minute__gt=models.F("calls_from_minute")), name="policy_calls_sometimes"
            ),
        )


class Advisor(models.Model):
    """«Мастер-приёмщик»: receives the car and the client."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="advisors")
    name = models.CharField(max_length=100)  # as on the board: «Орлов В.»
    full_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    arrivals_per_quarter_hour = models.PositiveSmallIntegerField(null=True)  # that one can receive; empty: any number

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(arrivals_per_quarter_hour=0), name="advisor_receives_somebody"),
        )

    def __str__(self) -> str:
        return self.name


class BayGroup(models.Model):
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="bay_groups")
    name = models.CharField(max_length=100)
    advisor = models.ForeignKey(Advisor, on_delete=models.SET_NULL, null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class Bay(models.Model):
    """«Пост, подъёмник»: a place where one car is worked on."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="bays")
    group = models.ForeignKey(BayGroup, on_delete=models.PROTECT, related_name="bays")
    name = models.CharField(max_length=100)
    mechanic = models.CharField(max_length=100, blank=True)
    coefficient = models.FloatField(default=1.0)  # labour hours × coefficient = hours on the bay
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("group__position", "position", "id")
        constraints = (models.UniqueConstraint(fields=("branch", "name"), name="bay_name_once"),)

    def __str__(self) -> str:
        return self.name


class Work(models.Model):
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="works")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    norm_minutes = models.PositiveIntegerField()
    # Of any branch; in one of which no group is named the work is done on every bay.
    bay_groups = models.ManyToManyField(BayGroup, blank=True, related_name="works")
    position = models.PositiveIntegerField(db_default=0, default=0)  # until somebody orders them, by name
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "name", "id")
        constraints = (models.UniqueConstraint(fields=("network", "code"), name="work_code_once"),)

    def __str__(self) -> str:
        return self.name


class SettingChange(models.Model):
    """A change of one setting, whole: what it was and what it became. Never changed itself."""

    # Whose it is: a branch's, or of all branches of a network alike.
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="setting_changes")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, related_name="setting_changes")
    setting = models.CharField(max_length=24)
    subject_id = models.BigIntegerField(null=True)  # of the bay, the advisor…: None is the branch itself
    on = models.DateField(null=True)  # of an exceptional date
    before = models.JSONField(null=True)  # None: there was none
    after = models.JSONField(null=True)
    at = models.DateTimeField()
    user = models.ForeignKey("User", on_delete=models.PROTECT, null=True, related_name="+")
    takes_back = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="taken_back_by")

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("branch", "-id"), name="setting_changes_of_branch"),
            models.Index(fields=("network", "-id"), name="setting_changes_of_network"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(branch__isnull=False, network__isnull=True)
                | models.Q(branch__isnull=True, network__isnull=False),
                name="setting_change_is_of_one",
            ),
        )


class LateReason(models.Model):
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="late_reasons")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("network", "code"), name="late_reason_code_once"),)

    def __str__(self) -> str:
        return self.name


class RemovalReason(models.Model):
    class Group(models.TextChoices):
        CLIENT = "client", _("Клиент")
        NO_CONTACT = "no_contact", _("Нет связи")
        STATION = "station", _("Станция")
        TECHNICAL = "technical", _("Технические")

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="removal_reasons")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    group = models.CharField(max_length=16, choices=Group.choices)
    counts_as_no_show = models.BooleanField(default=False)
    ask_again_in_days = models.PositiveIntegerField(null=True)
    needs_comment = models.BooleanField(default=False)
    is_for_operator = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("network", "code"), name="removal_reason_code_once"),)

    def __str__(self) -> str:
        return self.name


class ScriptStep(models.Model):
    """A step of the conversation (M7). Braces are filled: {client_name}, {operator}, {time}…"""

    class Moment(models.TextChoices):
        GREETING = "greeting"
        CALL_BACK = "call_back"  # it is not convenient to talk
        LATE = "late"
        SHIFTED = "shifted"  # the station moved the visit
        REMIND = "remind"  # of a visit to come
        ETA = "eta"
        NEAR = "near"
        FITS = "fits"  # later, and the bay can take it
        MOVE = "move"
        REFUSAL = "refusal"
        COMING = "coming"  # the farewell to one who comes
        GOODBYE = "goodbye"

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="script")
    moment = models.CharField(max_length=16, choices=Moment.choices)
    text = models.TextField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=fold_username(username or ""))


class User(AbstractBaseUser):
    """Staff. Roles are per branch: see `Membership`."""

    username = models.CharField(max_length=100, unique=True)  # folded: see `fold_username`
    full_name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)  # may sign in only while the demo is served
    is_muted = models.BooleanField(default=False)
    language = models.CharField(
        max_length=2, choices=[(each.value, each.value) for each in Language], default=Language.RUSSIAN.value
    )
    session_generation = models.PositiveIntegerField(default=0)  # raised to end every session of the user
    # Of a password that somebody else has seen: until when it lets in, to be changed at once.
    temporary_until = models.DateTimeField(null=True)
    # A role demands a second step at the door, and the user has none: kept by the actions that change either.
    owes_second_step = models.BooleanField(default=False)

    objects = UserManager()

    #: By branch, where they were read together with the user: for the one request that did.
    roles_read: Mapping[int, frozenset[Role]] | None = None

    USERNAME_FIELD = "username"

    def get_session_auth_hash(self) -> str:
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for former_secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(former_secret)

    def _session_hash(self, secret: str | bytes) -> str:
        """A session lives while the password and the generation are those it began with."""
        value = f"{self.session_generation}:{self.password}"
        return salted_hmac("vovremya.directory.session", value, secret=secret, algorithm="sha256").hexdigest()

    def __str__(self) -> str:
        return self.short_name or self.username


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "branch", "role"), name="membership_once"),)


class Invitation(models.Model):
    """A secret that lets its holder set the password of the user, once. Only its digest is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="invitation")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class SecondStep(models.Model):
    """Six digits of a telephone after the password. What they are made of is drawn from `salt` and the secret of the
    installation: a copy of the database alone makes no codes."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_step")
    salt = models.CharField(max_length=64)
    set_up_at = models.DateTimeField()
    last_time_step = models.BigIntegerField()  # of the last code that was used
    failures = models.PositiveIntegerField(default=0)  # in a row
    failed_at = models.DateTimeField(null=True)
    recovery_digests = models.JSONField(default=list)  # of the codes for a telephone that is lost, still unused


class StaffChange(models.Model):
    """What was done to a member of staff: never changed itself. Of one branch, or of the person as such."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="changes")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=24, choices=[(what.value, what.value) for what in AccessChange])
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    takes_back = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="taken_back_by")

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("person", "-id"), name="changes_of_person"),)


class Session(AbstractBaseSession):
    """A browser that was let in, or is at the door. See `sessions`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # to some minutes
    address = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=300, blank=True)  # what the browser says of itself
