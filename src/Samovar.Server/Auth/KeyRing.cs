using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Server.Auth;

/// <summary>Answers whose key it is, from the newest content of the key file.</summary>
internal sealed partial class KeyRing(AuthOptions options, TimeProvider time, ILogger<KeyRing> logger)
{
    private readonly Lock _lock = new();
    private KeyTable? _table;
    private DateTime _written;
    private long _checked;

    /// <summary>Whether callers need a key at all.</summary>
    public bool NeedsKeys => options.KeyFile is { Length: > 0 };

    /// <summary>The caller behind a request.</summary>
    /// <exception cref="ApiException">The key is missing or unknown.</exception>
    public Caller Require(HttpRequest request) => Find(Caller.PresentedKey(request)) ?? throw new ApiException(Errors.InvalidApiKey);

    /// <summary>Lets through who may see what all tenants together do.</summary>
    /// <exception cref="ApiException">The key is missing, unknown, or no operator's.</exception>
    public void RequireOperator(HttpRequest request)
    {
        if (!Require(request).IsOperator) throw new ApiException(Errors.NoOperator);
    }

    /// <summary>The caller behind a key, or null. Without a key file everybody is the local tenant, and there is no other.</summary>
    public Caller? Find(string? key) =>
        !NeedsKeys ? new Caller(TenantId.Local, IsOperator: true) : key is { Length: > 0 } ? Current().Find(key) : null;

    /// <summary>Whose share of places a request takes: its tenant's; where nobody has a key, its connection's.</summary>
    public FlowId FlowOf(HttpContext http, Caller caller) =>
        new(NeedsKeys ? caller.Tenant.Value : $"{caller.Tenant.Value}/{http.Connection.Id}");

    /// <summary>Whether the key is still one of the tenant's: it may be taken away while a socket is open.</summary>
    public bool Opens(string? key, TenantId tenant) => Find(key)?.Tenant == tenant;

    private KeyTable Current()
    {
        lock (_lock)
        {
            if (_table is not null && time.GetElapsedTime(_checked) < options.KeyFileAgeMax) return _table;
            _checked = time.GetTimestamp();
            var written = File.GetLastWriteTimeUtc(options.KeyFile!);
            if (_table is not null && written == _written) return _table;
            return _table = Load(_table, written);
        }
    }

    private KeyTable Load(KeyTable? before, DateTime written)
    {
        try
        {
            var table = KeyTable.Read(File.ReadAllBytes(options.KeyFile!), options.KeysMax);
            _written = written;
            Log.KeysLoaded(logger, table.Count);
            return table;
        }
        catch (Exception exception) when (before is not null && exception is FormatException or IOException or UnauthorizedAccessException)
        {
            Log.KeysNotLoaded(logger, exception.Message); // a half-written file must not lock everybody out, nor let anybody in
            return before!;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Information, "Keys loaded: {Count}")]
        public static partial void KeysLoaded(ILogger logger, int count);

        [LoggerMessage(8002, LogLevel.Warning, "The key file was not taken over, the former keys stay: {Reason}")]
        public static partial void KeysNotLoaded(ILogger logger, string reason);
    }
}
