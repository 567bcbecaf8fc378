"""How people get in: invitations, passwords, the second step, sessions. No secret is kept as it is, and none is told
twice."""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.utils import reset
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac

from vovremya.directory.actions.staff import keep, locked_user, require, settle_second_step
from vovremya.directory.models import Invitation, SecondStep, Session, StaffChange, User
from vovremya.directory.queries import actor_of, is_second_step_demanded
from vovremya.directory.rules import (
    RECOVERY_CODES,
    AccessChange,
    Actor,
    Deed,
    Language,
    digest_of_secret,
    failures_then,
    is_shut,
    time_step_of,
)
from vovremya.kernel.refusal import NotFound, Refusal

INVITED_FOR = timedelta(days=3)
TEMPORARY_FOR = timedelta(days=3)
#: Without those that one takes for another when reading aloud: 0 and o, 1, i and l.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


# --- being let in by an administrator ------------------------------------------------------------------------------


def invite(user_id: int, *, actor: Actor, now: datetime, real_now: datetime) -> str:
    """The secret of a link by which that person, and whoever else has it, sets the password once. The password that
    was is worth nothing from now on, and neither is an invitation from before."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        user = _to_let_in(user_id, actor)
        user.set_unusable_password()
        user.temporary_until = None
        user.save(update_fields=("password", "temporary_until"))
        _end_sessions(user)
        Invitation.objects.update_or_create(
            user=user,
            defaults={"digest": digest_of_secret(secret), "made_at": real_now, "expires_at": real_now + INVITED_FOR},
        )
        keep(StaffChange(person=user, what=AccessChange.INVITED), actor, now)
    return secret


def give_temporary_password(user_id: int, *, actor: Actor, now: datetime, real_now: datetime) -> str:
    """A password to be said aloud, which lets in for some days and has to be changed at once."""
    password = "-".join(_drawn(4) for _ in range(3))
    with transaction.atomic():
        user = _to_let_in(user_id, actor)
        user.set_password(password)
        user.temporary_until = real_now + TEMPORARY_FOR
        user.save(update_fields=("password", "temporary_until"))
        _end_sessions(user)
        Invitation.objects.filter(user=user).delete()
        keep(StaffChange(person=user, what=AccessChange.TEMPORARY_PASSWORD), actor, now)
    return password


def give_password(user_id: int, password: str, *, actor: Actor, now: datetime) -> None:
    """A lasting one, as it was said at the console by whoever is to have it."""
    with transaction.atomic():
        user = _to_let_in(user_id, actor)
        _set_password(user, password, "password")
        _end_sessions(user)
        Invitation.objects.filter(user=user).delete()
        keep(StaffChange(person=user, what=AccessChange.PASSWORD), actor, now)


def forget_failures(user_id: int) -> None:
    """Of the password and of the code: the door that they have shut is open again."""
    with transaction.atomic():
        user = locked_user(user_id)
        reset(username=user.username)
        SecondStep.objects.filter(user=user).update(failures=0, failed_at=None)


def take_second_step_away(user_id: int, *, actor: Actor, now: datetime) -> None:
    """Of somebody who has lost both the telephone and the codes. Where a role demands one, a new one is set up first of
    all."""
    with transaction.atomic():
        user = _to_let_in(user_id, actor)
        _drop_second_step(user, actor, now)
        _end_sessions(user)


def end_sessions_of(user_id: int, keys: Collection[str] | None, *, actor: Actor, now: datetime) -> int:
    """These, or all; an administrator's way. Returns how many have ended."""
    with transaction.atomic():
        user = locked_user(user_id)
        require(Deed.END_SESSIONS, user, actor)
        return _end_and_keep(user, keys, actor, now)


# --- on one's own --------------------------------------------------------------------------------------------------


def accept_invitation(digest: str, password: str, *, now: datetime, real_now: datetime) -> User:
    """Set the password by an invitation, which is used up by it. It opens no session: the door asks for the password,
    and for the second step of who has one. Raises `invitation_gone`."""
    with transaction.atomic():
        invitations = Invitation.objects.filter(digest=digest, expires_at__gt=real_now)
        invited = invitations.first()
        # Whoever invites, or gives a password, locks the person as well: after that the link may be worth nothing.
        user = locked_user(invited.user_id) if invited else None
        if user is None or not user.is_active or not invitations.exists():
            raise Refusal("invitation_gone")
        _set_password(user, password, "password")
        invitations.delete()
        keep(StaffChange(person=user, what=AccessChange.PASSWORD), actor_of(user), now)
    return user


def choose_language(user: User, language: Language) -> None:
    """Everybody for themselves, at once and on every machine."""
    user.language = language
    user.save(update_fields=("language",))


def change_password(user_id: int, password: str, *, now: datetime, session_key: str | None) -> User:
    """One's own, by whoever has just said the one that was. Every other session ends: who else knew it is out."""
    with transaction.atomic():
        user = locked_user(user_id)
        if user.check_password(password):
            raise Refusal("password_same", field="password")
        _set_password(user, password, "password")
        Session.objects.filter(user=user).exclude(session_key=session_key).delete()
        keep(StaffChange(person=user, what=AccessChange.PASSWORD), actor_of(user), now)
    return user


def check_password_fits(user: User, password: str, field: str) -> None:
    """Raises a refusal at the field, with the first thing that is wrong."""
    try:
        validate_password(password, user)
    except ValidationError as problems:
        code: str = problems.error_list[0].code or "refused"
        raise Refusal(code, field=field) from None


def end_own_sessions(user_id: int, keys: Collection[str] | None, *, now: datetime, session_key: str | None) -> int:
    """These, or all; but for the one that this is done from."""
    with transaction.atomic():
        user = locked_user(user_id)
        others = (
            Session.objects.filter(user=user).exclude(session_key=session_key).values_list("session_key", flat=True)
        )
        wanted = [key for key in others if keys is None or key in keys]
        return _end_and_keep(user, wanted, actor_of(user), now)


# --- the second step -----------------------------------------------------------------------------------------------


def draw_salt() -> str:
    return secrets.token_hex(32)


def secret_of(salt: str) -> str:
    """What the telephone is told. Nothing of it is stored: the salt says nothing without the installation's secret."""
    drawn = salted_hmac("vovremya.directory.second_step", salt, algorithm="sha256").digest()
    return base64.b32encode(drawn[:20]).decode()


@dataclass(frozen=True)
class RecoveryCodes:
    codes: tuple[str, ...]

    @classmethod
    def drawn(cls) -> "RecoveryCodes":
        return cls(tuple("-".join(_drawn(4) for _ in range(3)) for _ in range(RECOVERY_CODES)))

    @property
    def digests(self) -> list[str]:
        return [digest_of_secret(code) for code in self.codes]


def set_up_second_step(user_id: int, salt: str, typed: str, *, now: datetime, real_now: datetime) -> RecoveryCodes:
    """From now on, once a code shows that the telephone has it right. The recovery codes are told this once."""
    with transaction.atomic():
        user = locked_user(user_id)
        if SecondStep.objects.filter(user=user).exists():
            raise Refusal("second_step_is_on")
        time_step = time_step_of(secret_of(salt), typed, real_now, 0)
        if time_step is None:
            raise Refusal("code_wrong", field="code")
        recovery = RecoveryCodes.drawn()
        SecondStep.objects.create(
            user=user,
            salt=salt,
            set_up_at=real_now,
            last_time_step=time_step,
            recovery_digests=recovery.digests,
        )
        settle_second_step([user.pk])
        keep(StaffChange(person=user, what=AccessChange.SECOND_STEP_ON), actor_of(user), now)
    return recovery


def renew_recovery_codes(user_id: int) -> RecoveryCodes:
    with transaction.atomic():
        user = locked_user(user_id)
        recovery = RecoveryCodes.drawn()
        if not SecondStep.objects.filter(user=user).update(recovery_digests=recovery.digests):
            raise NotFound
    return recovery


def drop_own_second_step(user_id: int, *, now: datetime) -> None:
    with transaction.atomic():
        user = locked_user(user_id)
        if is_second_step_demanded(user):
            raise Refusal("second_step_demanded")
        _drop_second_step(user, actor_of(user), now)


def pass_second_step(user_id: int, typed: str, *, real_now: datetime) -> None:
    """A code of the telephone, or one of the recovery codes, each good once. Under the lock of the row: many tries at
    one moment stand in line and are counted. Raises `code_wrong` and `second_step_shut`; what was counted stays."""
    with transaction.atomic():
        step = SecondStep.objects.select_for_update().filter(user_id=user_id).first()
        code = _why_not_passed(step, typed, real_now)
        if step is not None:
            step.save()
    if code:
        raise Refusal(code, field="code")


def _why_not_passed(step: SecondStep | None, typed: str, real_now: datetime) -> str | None:
    if step is None:
        return "code_wrong"
    if is_shut(step.failures, step.failed_at, real_now):
        return "second_step_shut"
    time_step = time_step_of(secret_of(step.salt), typed, real_now, step.last_time_step)
    recovery = digest_of_secret(typed)
    if time_step is None and recovery not in step.recovery_digests:
        step.failures, step.failed_at = failures_then(step.failures, step.failed_at, real_now), real_now
        return "second_step_shut" if is_shut(step.failures, step.failed_at, real_now) else "code_wrong"
    if time_step is None:
        step.recovery_digests = [each for each in step.recovery_digests if each != recovery]
    else:
        step.last_time_step = time_step
    step.failures, step.failed_at = 0, None
    return None


# --- parts ---------------------------------------------------------------------------------------------------------


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_READABLE) for _ in range(length))


def _to_let_in(user_id: int, actor: Actor) -> User:
    user = locked_user(user_id)
    require(Deed.LET_IN, user, actor)
    return user


def _set_password(user: User, password: str, field: str) -> None:
    check_password_fits(user, password, field)
    user.set_password(password)
    user.temporary_until = None
    user.save(update_fields=("password", "temporary_until"))


def _drop_second_step(user: User, actor: Actor, now: datetime) -> None:
    deleted, _ = SecondStep.objects.filter(user=user).delete()
    if deleted:
        settle_second_step([user.pk])
        keep(StaffChange(person=user, what=AccessChange.SECOND_STEP_OFF), actor, now)


def _end_sessions(user: User) -> None:
    """All of them, those too that nobody has a row of."""
    user.session_generation += 1
    user.save(update_fields=("session_generation",))
    Session.objects.filter(user=user).delete()


def _end_and_keep(user: User, keys: Collection[str] | None, actor: Actor, now: datetime) -> int:
    if keys is None:
        count = Session.objects.filter(user=user).count()
        _end_sessions(user)
    else:
        count, _ = Session.objects.filter(user=user, session_key__in=keys).delete()
    if count:
        keep(StaffChange(person=user, what=AccessChange.SESSIONS_ENDED, after=count), actor, now)
    return count


def forget_expired_sessions(real_now: datetime) -> int:
    deleted, _ = Session.objects.filter(expire_date__lt=real_now).delete()
    return deleted
