using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Faults;

/// <summary>An account that cannot go on, in whatever words: no request is to blame.</summary>
public sealed class AccountFaultsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Codes and beginnings of messages, whichever status they come with.</summary>
    [Theory]
    [InlineData("""{"error":{"message":"Your account is not active, please check your billing""" +
        """ details.","code":"billing_not_active"}}""", 402)]
    [InlineData("""{"error":{"message":"No.","code":"account_deactivated"}}""", 403)]
    [InlineData("""{"error":{"message":"The OpenAI account associated with this API key has been deactivated."}}""", 403)]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}}""", 403)]
    [InlineData("""{"error":{"message":"Your organization must be verified to stream this""" +
        """ model.","param":"stream","code":"unsupported_value"}}""", 403)]
    [InlineData("""{"error":{"message":"This credential is only authorized for use with Claude""" +
        """ Code.","type":"invalid_request_error"}}""", 403)]
    [InlineData("""{"error":{"message":"Budget has been exceeded! Current cost: 1, Max budget:""" +
        """ 1","type":"budget_exceeded","code":"400"}}""", 402)]
    [InlineData("""{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}""", 402)]
    [InlineData("""{"error":{"message":"No.","code":"organization_restricted"}}""", 403)]
    [InlineData("""{"error":{"message":"No.","code":"blocked_api_access_account_restricted"}}""", 403)]
    [InlineData("""{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}""", 401)]
    [InlineData("""{"error":{"message":"You have insufficient credits. Add some."}}""", 402)]
    public void AccountsWords_AreOfTheAccount_WhateverTheStatus(string body, int status)
    {
        foreach (var given in new[] { 0, 400, 403 })
        {
            var fault = FaultReader.Read(RawJson.Of(body), given, Now);
            Assert.Equal((FaultKind.Unauthorized, status), (fault.Kind, fault.Status));
        }
    }
}
