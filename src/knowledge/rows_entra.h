/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_ENTRA_H
#define RDPWHY_ROWS_ENTRA_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/*
 * learn.microsoft.com: Microsoft Entra authentication and authorization error codes. Those that a
 * sign-in for a remote desktop can meet; the page has several hundred.
 */
static const struct why_code_row entra_rows[] = {
    {50001, "AADSTS50001", "InvalidResource: the resource does not exist or is disabled"},
    {50002, "AADSTS50002", "NotAllowedTenant: a proxy lets this tenant not be used"},
    {50005, "AADSTS50005",
     "DevicePolicyError: Conditional Access does not support the client's platform"},
    {50020, "AADSTS50020",
     "UserUnauthorized: the account belongs to another tenant and is no guest of this one"},
    {50034, "AADSTS50034", "UserAccountNotFound: the tenant has no such account"},
    {50053, "AADSTS50053",
     "IdsLocked: the account is locked after too many wrong passwords, or the client's address is "
     "blocked"},
    {50055, "AADSTS50055", "InvalidPasswordExpiredPassword: the password is expired"},
    {50056, "AADSTS50056", "the directory has no password for the account, or none was given"},
    {50057, "AADSTS50057", "UserDisabled: the account is disabled"},
    {50058, "AADSTS50058",
     "UserInformationNotProvided: nobody is signed in on the client; alone it is no failure"},
    {50059, "AADSTS50059", "the request does not tell which tenant is meant"},
    {50064, "AADSTS50064", "CredentialAuthenticationError: the credentials could not be validated"},
    {50072, "AADSTS50072",
     "UserStrongAuthEnrollmentRequiredInterrupt: the user has to register for multifactor "
     "authentication first"},
    {50074, "AADSTS50074",
     "UserStrongAuthClientAuthNRequiredInterrupt: multifactor authentication was not passed"},
    {50076, "AADSTS50076",
     "UserStrongAuthClientAuthNRequired: multifactor authentication is required"},
    {50078, "AADSTS50078", "UserStrongAuthExpired: the multifactor authentication is too old"},
    {50079, "AADSTS50079",
     "UserStrongAuthEnrollmentRequired: the user has to register for multifactor authentication"},
    {50097, "AADSTS50097", "DeviceAuthenticationRequired: the client's device has to authenticate"},
    {50105, "AADSTS50105",
     "EntitlementGrantsNotFound: the account is not assigned to the application"},
    {50126, "AADSTS50126", "InvalidUserNameOrPassword: the account name or password is wrong"},
    {50128, "AADSTS50128", "the domain of the account name belongs to no tenant"},
    {50129, "AADSTS50129", "DeviceIsNotWorkplaceJoined: the client's device is not registered"},
    {50131, "AADSTS50131",
     "ConditionalAccessFailed: the state of the device, suspicious activity or a policy forbids "
     "it"},
    {50132, "AADSTS50132",
     "SsoArtifactInvalidOrExpired: the password expired or was changed since the sign-in"},
    {50133, "AADSTS50133",
     "SsoArtifactRevoked: the password expired or was changed since the sign-in"},
    {50135, "AADSTS50135",
     "PasswordChangeCompromisedPassword: the password has to be changed because of risk"},
    {50140, "AADSTS50140", "KmsiInterrupt: \"keep me signed in\" was asked; it is no failure"},
    {50144, "AADSTS50144",
     "InvalidPasswordExpiredOnPremPassword: the password in Active Directory is expired"},
    {50155, "AADSTS50155",
     "DeviceAuthenticationFailed: the client's device failed to authenticate"},
    {50158, "AADSTS50158",
     "ExternalSecurityChallenge: a challenge of another provider is still due"},
    {50173, "AADSTS50173", "FreshTokenNeeded: the token was revoked; sign in again"},
    {50187, "AADSTS50187",
     "DeviceInformationNotProvided: the client's device could not be authenticated"},
    {51004, "AADSTS51004", "UserAccountNotInDirectory: the directory has no such account"},
    {53000, "AADSTS53000", "DeviceNotCompliant: Conditional Access wants a compliant device"},
    {53001, "AADSTS53001", "DeviceNotDomainJoined: Conditional Access wants a joined device"},
    {53002, "AADSTS53002",
     "ApplicationUsedIsNotAnApprovedApp: Conditional Access does not approve the client program"},
    {53003, "AADSTS53003", "BlockedByConditionalAccess: a Conditional Access policy forbids it"},
    {53004, "AADSTS53004",
     "ProofUpBlockedDueToRisk: the user has to register for multifactor authentication, and risk "
     "prevents it"},
    {65001, "AADSTS65001",
     "DelegationDoesNotExist: nobody has consented to the application for this account"},
    {70008, "AADSTS70008", "ExpiredOrRevokedGrant: the token expired because it was not used"},
    {70043, "AADSTS70043",
     "BadTokenDueToSignInFrequency: Conditional Access wants a newer sign-in"},
    {80001, "AADSTS80001",
     "OnPremiseStoreIsNotAvailable: the authentication agent cannot reach Active Directory"},
    {80012, "AADSTS80012",
     "OnPremisePasswordValidationAccountLogonInvalidHours: the account may not log on at this "
     "time"},
    {90002, "AADSTS90002", "InvalidTenantName: there is no such tenant"},
    {90072, "AADSTS90072",
     "PassThroughUserMfaError: the account is external and not known in the tenant"},
    {90094, "AADSTS90094", "AdminConsentRequired: an administrator has to consent"},
    {530035, "AADSTS530035",
     "BlockedBySecurityDefaults: the tenant's security defaults forbid this way to sign in"},
    {700082, "AADSTS700082",
     "ExpiredOrRevokedGrantInactiveToken: the token expired because it was not used"},
};

#endif /* !defined(RDPWHY_ROWS_ENTRA_H) */
