"""The shapes of the vendor's API. Names and spellings are the vendor's, for they are the wire."""

# ruff: noqa: N815

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sandbox.state import canonical_id


def _uuid(value: str) -> str:
    if canonical_id(value) is None:
        raise ValueError("This is not an id")
    return value


def _int32(value: int) -> int:
    if not -(2**31) <= value < 2**31:
        raise ValueError("This number is too large")
    return value


# Formats that FastAPI would only write for types that are stricter than the vendor's.
Uuid = Annotated[str, AfterValidator(_uuid), Field(json_schema_extra={"format": "uuid"})]
DateTime = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Int32 = Annotated[int, AfterValidator(_int32), Field(json_schema_extra={"format": "int32"})]
Int64 = Annotated[int, Field(json_schema_extra={"format": "int64"})]
Email = Annotated[str, Field(min_length=0, max_length=255)]
Phone = Annotated[str, Field(min_length=0, max_length=16)]
Secret = Annotated[str, Field(min_length=0, max_length=63)]

# Whether an id may do without dashes depends on a switch, so that is checked in the calls.
AnyPropertyId = Annotated[str, Path(alias="propertyId")]
PropertyId = Annotated[str, Path(alias="propertyId", json_schema_extra={"format": "uuid"})]
UserId = Annotated[str, Path(alias="userId", json_schema_extra={"format": "uuid"})]
DeviceId = Annotated[str, Path(alias="deviceId")]
FileType = Annotated[str, Path(alias="type")]
OwnerType = Annotated[str, Query(alias="type")]


class Model(BaseModel):
    """Strict about types, as the schema is; unknown fields pass, as with Spring."""

    model_config = ConfigDict(strict=True, extra="ignore")


class ErrorResource(Model):
    """Every refusal."""

    status: str | None = None
    timestamp: DateTime | None = None
    message: str | None = None
    detailedMessage: str | None = None
    validationErrors: list[str] | None = None


class Link(Model):
    """One HAL link."""

    href: str | None = None
    hreflang: str | None = None
    title: str | None = None
    type: str | None = None
    deprecation: str | None = None
    profile: str | None = None
    name: str | None = None
    templated: bool | None = None


class Links(Model):
    """HAL links by relation."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Link]


class Linked(Model):
    """A HAL resource."""

    links: Links | None = Field(default=None, alias="_links")


class LoginResource(Model):
    """residentLogin, sent."""

    hashedSecret: str | None = None


class PortalTokenResource(Model):
    """residentLogin, answered."""

    unitGuid: str
    token: str | None = None
    serverVersion: str | None = None
    expireDateTime: DateTime | None = None


class ResidentPortalAccessDto(Model):
    """getTenantPortalAccess."""

    loginText: str | None = None
    portalAllowed: bool | None = None


class EntityModelPropertyDto(Linked):
    """residentFetchProperty."""

    guid: str | None = None
    name: str | None = None
    address: str | None = None
    description: str | None = None
    managementName: str | None = None
    managementPhone: str | None = None
    managementEmail: str | None = None
    tenantPortalHelpText: str | None = None
    tenantPortalAnnouncements: str | None = None
    allowSeparateGuestSecret: bool | None = None
    enforceMaxUnits: bool | None = None
    maxUnits: Int64 | None = None
    sendEmail: bool | None = None
    sendSms: bool | None = None
    ssids: list[str] | None = None


class EntityModelPortalUiConfiguration(Linked):
    """residentFetchUiConfiguration."""

    apiAllowed: bool | None = None
    tenantSetDpsk: bool | None = None
    logoFileName: str | None = None
    tenantTitle: str | None = None
    tenantSubtitle: str | None = None
    announcements: str | None = None
    helpText: str | None = None
    portalAllowed: bool | None = None
    mainColor: str | None = None
    accentColor: str | None = None
    separatorColor: str | None = None
    textColor: str | None = None
    iconFileName: str | None = None
    loginText: str | None = None


class UnitContactDto(Model):
    """A unit's contact."""

    contactName: str
    email: Email | None = None
    phoneNumber: Phone | None = None


class UnitDto(Model):
    """residentEditUnit, sent."""

    guid: str | None = None
    number: str
    description: str | None = None
    contact: UnitContactDto | None = None
    status: Literal["DISABLED", "ENABLED"] | None = None
    secret: Secret | None = None
    guestSecret: Secret | None = None


class EntityModelUnitDto(UnitDto, Linked):
    """residentFetchUnit and residentEditUnit, answered."""


class UnitUserDto(Model):
    """updateUnitUser, sent."""

    userId: Uuid | None = None
    userName: str | None = None
    email: Email | None = None
    phoneNumber: Phone | None = None
    passphrase: str | None = None
    status: Literal["BLOCKED", "ACTIVE"] | None = None
    type: Literal["UNIT", "GUEST", "LINKED"] | None = None


class EntityModelUnitUserDto(UnitUserDto, Linked):
    """getUnitUser, and one of queryUnitUsers."""


class MultiRequestResponse(Model):
    """updateUnitUser, answered."""

    personaUpdateId: str | None = None
    dpskUpdateId: str | None = None
    clientAliasId: str | None = None


class UnitUsersQueryCriteria(Model):
    """queryUnitUsers, sent."""

    sortDirection: Literal["ASC", "DESC"] | None = None
    page: Int32 | None = None
    pageSize: Int32 | None = None
    userId: Uuid | None = None
    sortFields: list[Literal["userId"]] | None = None


class SortObject(Model):
    """How a page is sorted."""

    empty: bool | None = None
    sorted: bool | None = None
    unsorted: bool | None = None


class PageableObject(Model):
    """Which page was asked for."""

    offset: Int64 | None = None
    sort: SortObject | None = None
    pageNumber: Int32 | None = None
    pageSize: Int32 | None = None
    paged: bool | None = None
    unpaged: bool | None = None


class PageEntityModelUnitUserDto(Model):
    """queryUnitUsers, answered."""

    totalPages: Int32 | None = None
    totalElements: Int64 | None = None
    first: bool | None = None
    last: bool | None = None
    size: Int32 | None = None
    content: list[EntityModelUnitUserDto] | None = None
    number: Int32 | None = None
    sort: SortObject | None = None
    numberOfElements: Int32 | None = None
    pageable: PageableObject | None = None
    empty: bool | None = None


class UnitDeviceDto(Model):
    """A device."""

    guid: str | None = None
    type: str | None = None
    macAddress: str | None = None
    lastConnectedDate: DateTime | None = None
    authType: Literal["DPSK", "MACREG"] | None = None


class EntityModelDevicesListResource(Linked):
    """residentFetchUnitDevices and getUnitUserDevices."""

    contents: list[UnitDeviceDto] | None = None
