"""The shapes of the management API. Names and spellings are the vendor's, for they are the wire."""

# ruff: noqa: N815

from typing import Annotated, Any, Literal

from fastapi import Body, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from sandbox.models import (
    DateTime,
    Int32,
    Int64,
    Link,
    Linked,
    Model,
    PageableObject,
    SortObject,
    Uuid,
)

Status = Literal["DISABLED", "ENABLED"]
PersonaKind = Literal["UNIT", "GUEST", "LINKED"]

VenueId = Annotated[str, Path(alias="venueId", json_schema_extra={"minLength": 1})]
UnitId = Annotated[str, Path(alias="unitId", json_schema_extra={"format": "uuid"})]
TenantId = Annotated[str, Path(alias="tenantId")]
Delegated = Annotated[str | None, Header(alias="x-rks-tenantid")]
ExcludeContent = Annotated[bool, Query(alias="excludeContent")]

UnitIds = Annotated[list[Uuid], Body(json_schema_extra={"maxItems": 100})]

# What a bound would refuse is left to the calls, or is only sent and never taken.
LongText = Annotated[str, Field(json_schema_extra={"minLength": 0, "maxLength": 255})]


class Token(Model):
    """createToken, answered."""

    access_token: str
    token_type: str | None = None
    expires_in: int | None = None


class QueryData(Model):
    """The three queries, sent."""

    # Which pages there are depends on a switch.
    page: Annotated[Int32, Field(json_schema_extra={"minimum": 1})]
    pageSize: Int32
    sortOrder: Literal["ASC", "DESC"]
    sortField: str | None = None
    keyword: str | None = None
    fields: list[str] | None = None
    filters: dict[str, Any] | None = None


class PageBase(Model):
    """What every page says of itself."""

    totalElements: Int64 | None = None
    totalPages: Int32 | None = None
    number: Int32 | None = None
    size: Int32 | None = None
    numberOfElements: Int32 | None = None
    first: bool | None = None
    last: bool | None = None
    empty: bool | None = None
    pageable: PageableObject | None = None
    sort: SortObject | None = None


class Address(Model):
    """Where a property is."""

    addressLine: str | None = None
    city: str
    country: str


class UnitConfigDto(Model):
    """What the units of a property may do."""

    type: str | None = None
    guestAllowed: bool | None = None
    residentPortalAllowed: bool | None = None
    residentApiAllowed: bool | None = None
    useMaxUnitCount: bool | None = None
    maxUnitCount: Int32 | None = None


class CommunicationConfigDto(Model):
    """Which messages the vendor sends."""

    type: str | None = None
    sendEmail: bool | None = None
    sendSms: bool | None = None
    notifyOnUnitSuspend: bool | None = None
    unitAssignmentHtmlRegId: str | None = None
    unitAssignmentTextRegId: str | None = None
    unitPassphraseChangeHtmlRegId: str | None = None
    unitPassphraseChangeTextRegId: str | None = None
    guestPassphraseChangeHtmlRegId: str | None = None
    guestPassphraseChangeTextRegId: str | None = None
    portalAccessResetHtmlRegId: str | None = None
    portalAccessResetTextRegId: str | None = None
    portAssignmentHtmlRegId: str | None = None
    portAssignmentTextRegId: str | None = None
    unitSuspendHtmlRegId: str | None = None
    unitSuspendTextRegId: str | None = None
    unitUserSuspendHtmlRegId: str | None = None
    unitUserSuspendTextRegId: str | None = None
    unitReactivateHtmlRegId: str | None = None
    unitReactivateTextRegId: str | None = None
    unitUserReactivateHtmlRegId: str | None = None
    unitUserReactivateTextRegId: str | None = None


class EntityModelPropertyDto(Linked):
    """getProperty, and one of queryPropertyConfigs."""

    venueId: str | None = None
    venueName: str
    address: Address | None = None
    description: str | None = None
    venue: Any
    personaGroupId: str
    pmsId: str | None = None
    pmsPropertyId: str | None = None
    residentPortalId: Annotated[Uuid | None, Field(deprecated=True)] = None
    status: Status
    unitConfig: UnitConfigDto | None = None
    communicationConfig: CommunicationConfigDto | None = None


class Resident(Model):
    """Whom a unit belongs to."""

    name: LongText | None = None
    email: LongText | None = None
    phoneNumber: (
        Annotated[str, Field(json_schema_extra={"minLength": 0, "maxLength": 16})] | None
    ) = None


class DpskSettings(Model):
    """A passphrase of a unit."""

    type: PersonaKind
    passphrase: (
        Annotated[
            str,
            Field(json_schema_extra={"format": "password", "minLength": 0, "maxLength": 63}),
        ]
        | None
    ) = None
    vlan: Annotated[Int32, Field(json_schema_extra={"minimum": 1, "maximum": 4094})] | None = None


class LanPort(Model):
    """A port of an access point."""

    macAddress: str
    portIndex: Int32


class UnitAp(Model):
    """The access point of a unit."""

    name: Annotated[str, Field(json_schema_extra={"minLength": 1})]
    selectedPorts: list[LanPort] | None = None


class TrafficControl(Model):
    """What a unit's traffic is measured by."""

    meteringProfileId: Annotated[str, Field(json_schema_extra={"minLength": 1})]
    profileExpiry: DateTime


class UnitLinks(BaseModel):
    """The links of a unit by relation."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Link]
    residentPortal: Link | None = None


class EntityModelUnit(Model):
    """fetchUnit, and one of queryUnits."""

    id: Uuid | None = None
    name: Annotated[str, Field(json_schema_extra={"minLength": 0, "maxLength": 235})]
    status: Status | None = None
    category: Literal["UNIT", "CONFERENCEROOM"] | None = None
    type: Literal["R1", "PMS", "INTERNAL"] | None = None
    resident: Resident
    personaId: Uuid | None = None
    guestPersonaId: Uuid | None = None
    identityCount: Annotated[Int64 | None, Field(json_schema_extra={"readOnly": True})] = None
    pmsUnitId: str | None = None
    dpsks: Annotated[
        list[DpskSettings] | None, Field(json_schema_extra={"minItems": 0, "maxItems": 2})
    ] = None
    accessPoint: UnitAp | None = None
    trafficControl: TrafficControl | None = None
    links: UnitLinks | None = Field(default=None, alias="_links")


class UnitStatusPatch(Model):
    """editUnit, sent."""

    status: Status


class EntityModelPersona(Linked):
    """One of queryIdentities."""

    unitId: Uuid
    personaType: PersonaKind
    personaId: Uuid


class EntityModelAcceptedResponse(Linked):
    """editUnit, answered."""

    requestId: str | None = None


class PageEntityModelPropertyDto(PageBase):
    """queryPropertyConfigs, answered."""

    content: list[EntityModelPropertyDto] | None = None


class PageEntityModelUnit(PageBase):
    """queryUnits, answered."""

    content: list[EntityModelUnit] | None = None


class PageEntityModelPersona(PageBase):
    """queryIdentities, answered."""

    content: list[EntityModelPersona] | None = None


class NestedError(Model):
    """One reason for a refusal."""

    code: str | None = None
    message: str | None = None
    reason: str | None = None
    suggestion: str | None = None


class ErrorResource(Model):
    """Every refusal."""

    status: str | None = None
    timestamp: DateTime | None = None
    message: str | None = None
    detailedMessage: str | None = None
    validationErrors: list[str] | None = None
    requestId: str | None = None
    errors: list[NestedError] | None = None


class Activity(Model):
    """A change under way; no published description has it."""

    requestId: str
    status: str
