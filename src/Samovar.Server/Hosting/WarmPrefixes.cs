using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Samovar.Prefixes;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Server.Http;

namespace Samovar.Server.Hosting;

/// <summary>Reads the prefixes that the settings name.</summary>
internal static class WarmPrefixes
{
    private const int FileBytesMax = 64 << 20;
    private static readonly FlowId Flow = new("samovar.prefixes"); // a start of the server counts against nobody

    /// <summary>The order that a setting stands for.</summary>
    /// <exception cref="InvalidDataException">It has none that can be read; the message says why.</exception>
    public static PrefixOrder Read(string name, WarmPrefixOptions of)
    {
        var limits = (ProtocolLimits.Default with { FrameBytesMax = FileBytesMax }).ForRequests();
        try
        {
            var body = PrefixBody.Read(new RawJson(BodyOf(of)), of.Protocol, limits);
            var request = body.Request with { Model = of.Model ?? body.Request.Model, Store = of.Store ?? body.Request.Store };
            var tenant = of.Tenant is { Length: > 0 } named ? new TenantId(named) : TenantId.Local;
            return new PrefixOrder(tenant, Flow, request, name, of.Keep) { IsConfigured = true };
        }
        catch (ApiException fault)
        {
            throw new InvalidDataException(fault.Param is null or "request" ? fault.Message : $"{fault.Message} ({fault.Param})", fault);
        }
    }

    private static byte[] BodyOf(WarmPrefixOptions of)
    {
        if (of.Body is { Length: > 0 } body) return Encoding.UTF8.GetBytes(body);
        try
        {
            return new FileInfo(of.File!).Length <= FileBytesMax ? File.ReadAllBytes(of.File!)
                : throw new InvalidDataException($"it has more than {FileBytesMax} bytes.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
    }
}

/// <summary>Each prefix has one body that can be read, and an owner; what nobody says is within what may be asked for.</summary>
internal sealed class WarmPrefixCheck(IConfiguration configuration) : IValidateOptions<PrefixesOptions>
{
    private const string KeyFile = $"{AuthOptions.Section}:{nameof(AuthOptions.KeyFile)}";
    private const string Section = $"{PrefixesOptions.Section}:{nameof(PrefixesOptions.Warm)}";

    public ValidateOptionsResult Validate(string? name, PrefixesOptions options)
    {
        var faults = options.Warm.Select(prefix => FaultOf(prefix.Key, prefix.Value)).OfType<string>().ToList();
        if (options.Warm.Count > options.CountMax)
            faults.Add($"{Section} names {options.Warm.Count} prefixes, but {PrefixesOptions.Section}:{nameof(options.CountMax)} is "
                + $"{options.CountMax}.");
        if (options.Keep > options.KeepMax)
            faults.Add($"{PrefixesOptions.Section}:{nameof(options.KeepMax)} is {options.KeepMax}, which is shorter than "
                + $"{PrefixesOptions.Section}:{nameof(options.Keep)}, {options.Keep}: that is taken where nobody says how long.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private string? FaultOf(string name, WarmPrefixOptions of)
    {
        var setting = $"{Section}:{name}";
        if (string.IsNullOrEmpty(of.File) == string.IsNullOrEmpty(of.Body)) return $"{setting} must have either a File or a Body.";
        if (string.IsNullOrEmpty(of.Tenant) != string.IsNullOrEmpty(configuration[KeyFile]))
            return string.IsNullOrEmpty(of.Tenant) ? $"{setting}:Tenant must say whose it is: there are keys ({KeyFile})."
                : $"{setting}:Tenant names a tenant, but there are no keys ({KeyFile}).";
        try
        {
            WarmPrefixes.Read(name, of);
            return null;
        }
        catch (InvalidDataException fault)
        {
            return string.IsNullOrEmpty(of.File) ? $"{setting}:Body: {fault.Message}" : $"{setting}:File: {of.File}: {fault.Message}";
        }
    }
}
