using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Scheduling.Fairness;
using Samovar.Stores;

namespace Samovar.Server.Auth;

/// <summary>Answers whose key it is, from the newest content of the key file.</summary>
/// <remarks>
/// The file's content alone says whether it is another one: links may be swapped behind links, and a new file may have the old one's time.
/// While it is missing, broken or does not answer, the former keys stay for <c>Auth:KeyFileGraceMax</c>; then nobody is let in. One request
/// reads at a time, the others go on with what is known, so that a disk that hangs holds up no more than one; they say so in the log. The
/// first reading is done before the server listens, which waits <see cref="AnswerMax"/> for it. A process that has no handle left to open
/// the file with knows nothing of it: the former keys stay as long as that lasts, so that nobody is locked out by taking all handles.
/// </remarks>
/// <param name="callers">Where keys are put that go on to upstreams; null: there are no upstreams.</param>
/// <param name="read">Reads the file, of so many bytes at most.</param>
internal sealed partial class KeyRing(
    AuthOptions options, TimeProvider time, ILogger<KeyRing> logger, CallerKeys? callers = null, Func<string, int, byte[]>? read = null)
    : IHostedService, IQuotaTable, IStoredQuotas
{
    private readonly byte[]? _operatorsHash = options.OperatorKeyHash is { } hash ? Convert.FromHexString(hash) : null;
    private readonly Func<string, int, byte[]> _read = read ?? KeyFile.Read;
    private static readonly TenantId Operators = new("operator"); // whoever sends no key is the local one
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private readonly Lock _reading = new();
    private volatile Known? _known;
    private long _failingSince; // 0: the newest reading was well and has ended
    private long _readingSince; // 0: nobody reads
    private int _hangNoted;

    /// <summary>Whether no other machine reaches the server.</summary>
    public bool IsOnLoopback { get; init; } = true;

    /// <summary>Whether callers need a key at all.</summary>
    public bool NeedsKeys => options.KeyFile is { Length: > 0 };

    /// <summary>Whether the file is being read.</summary>
    internal bool IsReading => Interlocked.Read(ref _failingSince) != 0;

    /// <summary>The caller behind a request.</summary>
    /// <exception cref="ApiException">The key is missing or unknown, or no keys can be read.</exception>
    public Caller Require(HttpRequest request)
    {
        RequireReadable();
        return Find(Caller.PresentedKey(request)) ?? throw new ApiException(Errors.InvalidApiKey);
    }

    /// <summary>Whose request it is, and whose share of places it takes: the caller's of this node, or of the one that passes it
    /// on.</summary>
    /// <exception cref="ApiException">The key is missing or unknown, or no keys can be read.</exception>
    public (TenantId Tenant, FlowId Flow) CallerOf(HttpContext http)
    {
        if (http.Features.Get<PeerCaller>() is { Flow: { } flow, Tenant: var tenant })
        {
            RequireReadable(); // the tenant's quotas are counted here
            return (tenant, flow);
        }
        var caller = Require(http.Request);
        return (caller.Tenant, FlowOf(http, caller));
    }

    /// <exception cref="ApiException">Keys are needed, and none can be read.</exception>
    public void RequireReadable()
    {
        if (NeedsKeys && Current() is null)
            throw new ApiException(Errors.KeysUnreadable, RetryAfter, retryAfter: RetryAfter);
    }

    /// <summary>The caller behind a key of which only the hash is kept; null where it is nobody's, or is no longer.</summary>
    public Caller? FindHash(ReadOnlySpan<byte> sha256) => NeedsKeys && Current() is { } table ? table.Find(sha256) : null;

    /// <summary>Lets through who may see what all tenants together do.</summary>
    /// <exception cref="ApiException">The key is missing, unknown, or no operator's.</exception>
    public void RequireOperator(HttpRequest request)
    {
        if (!Require(request).IsOperator) throw new ApiException(Errors.NoOperator);
    }

    /// <summary>The caller behind a key, or null. Without a key file everybody is the local tenant, and there is no other.</summary>
    public Caller? Find(string? key) =>
        options.PassKeysOn && key is { Length: > 0 } ? Passed(key)
        : !NeedsKeys ? Local : key is { Length: > 0 } ? Current()?.Find(key) : null;

    /// <summary>Who needs no key. Where others have keys that nobody here checks, it sees what they do from the machine alone.</summary>
    private Caller Local => new(TenantId.Local, IsOperator: IsOnLoopback || !options.PassKeysOn);

    /// <summary>Whoever sends a key that goes on is the tenant of that key, and no operator, since anything may be a key; null where no
    /// header can carry it. The operator's own does not go on.</summary>
    private Caller? Passed(string key)
    {
        if (IsOperators(key)) return new Caller(Operators, IsOperator: true);
        if (key.AsSpan().ContainsAnyExceptInRange('!', '~')) return null;
        var tenant = CallerKeys.TenantOf(key);
        callers?.Keep(tenant, key);
        return new Caller(tenant, IsOperator: false);
    }

    private bool IsOperators(string key) => _operatorsHash is { } hash
        && CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>The key that goes on to whoever makes a tenant's turns; null where clients' keys stay here, or it has sent none.</summary>
    public string? PassedOn(TenantId tenant) => options.PassKeysOn ? callers?.Of(tenant) : null;

    /// <summary>A client has shown its key to another node, which brings its turn here: the turn goes on with it.</summary>
    /// <param name="key">Null where it has none, or the other node keeps it.</param>
    public void Keep(string? key)
    {
        if (options.PassKeysOn && key is { Length: > 0 }) Passed(key);
    }

    /// <summary>Whose share of places a request takes: its tenant's; where nobody has a key, its connection's.</summary>
    public FlowId FlowOf(HttpContext http, Caller caller) =>
        new(NeedsKeys ? caller.Tenant.Value : $"{caller.Tenant.Value}/{http.Connection.Id}");

    /// <summary>As the file was last read, which is each time that somebody shows a key.</summary>
    public TenantQuota? QuotaOf(TenantId tenant) => _known?.Table?.Quotas.Of(tenant);

    public long? StoredBytesOf(TenantId tenant) => QuotaOf(tenant)?.StoredBytes;

    /// <summary>Whether the key is still one of the tenant's: it may be taken away while a socket is open.</summary>
    public bool Opens(string? key, TenantId tenant) => Find(key)?.Tenant == tenant;

    /// <summary>Reads the file before the first request needs it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!NeedsKeys) return;
        try
        {
            await Task.Run(Current, cancellationToken).WaitAsync(AnswerMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Interlocked.Exchange(ref _hangNoted, 2);
            Log.KeysHangAtStart(logger, DurationText.Of(AnswerMax));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The keys in force; null when none can be trusted any more.</summary>
    private KeyTable? Current()
    {
        if (_known is not { } known || time.GetElapsedTime(known.CheckedAt) >= options.KeyFileAgeMax)
        {
            if (!_reading.TryEnter())
            {
                NoteHanging();
                return Trusted();
            }
            try { Read(); }
            finally
            {
                Interlocked.Exchange(ref _readingSince, 0);
                _reading.Exit();
            }
        }
        return Trusted();
    }

    private KeyTable? Trusted()
    {
        var since = Interlocked.Read(ref _failingSince);
        return since == 0 || time.GetElapsedTime(since) < options.KeyFileGraceMax ? _known?.Table : null;
    }

    private void Read()
    {
        var before = _known;
        var now = time.GetTimestamp();
        if (before is not null && time.GetElapsedTime(before.CheckedAt) < options.KeyFileAgeMax) return; // somebody else was here
        _hangNoted = 0;
        Interlocked.Exchange(ref _readingSince, now == 0 ? 1 : now);
        var failedSince = Interlocked.CompareExchange(ref _failingSince, now == 0 ? 1 : now, 0); // until it has ended well
        try
        {
            var bytes = _read(options.KeyFile!, options.KeyFileBytesMax);
            var hash = SHA256.HashData(bytes);
            var isSame = before is { IsFailing: false, Table: not null } && before.Hash.AsSpan().SequenceEqual(hash);
            var table = isSame ? before!.Table : KeyTable.Read(bytes, options.KeysMax);
            _known = new Known(table, hash, now, IsFailing: false, IsLost: false);
            Interlocked.Exchange(ref _failingSince, 0);
            if (!isSame) Log.KeysLoaded(logger, table!.Count);
        }
        catch (Exception exception) when (before is not null && KeyFile.IsWithoutHandle(exception))
        {
            Interlocked.Exchange(ref _failingSince, failedSince);
            if (!before.IsWithoutHandle) Log.NoHandle(logger, exception.Message);
            _known = before with { CheckedAt = now, IsWithoutHandle = true };
        }
        catch (Exception exception) // a unit of work: whatever is wrong with the file, it is not the request's fault
        {
            NoteFailure(before, now, exception);
        }
    }

    /// <summary>A reader that finds another one hanging logs it: once, and once more when no key is trusted any more.</summary>
    private void NoteHanging()
    {
        var since = Interlocked.Read(ref _readingSince);
        if (since == 0 || time.GetElapsedTime(since) < AnswerMax) return;
        var stage = Trusted() is null ? 2 : 1;
        if (Volatile.Read(ref _hangNoted) >= stage) return;
        var noted = Interlocked.Exchange(ref _hangNoted, stage);
        if (noted < 1) Log.KeysHang(logger, DurationText.Of(AnswerMax), DurationText.Of(options.KeyFileGraceMax));
        if (noted < stage && stage == 2) Log.KeysLost(logger, DurationText.Of(options.KeyFileGraceMax), "it does not answer");
    }

    private void NoteFailure(Known? before, long now, Exception exception)
    {
        var isLost = Trusted() is null;
        if (before is not { IsFailing: true }) Log.KeysNotLoaded(logger, DurationText.Of(options.KeyFileGraceMax), exception.Message);
        if (isLost && before is not { IsLost: true }) Log.KeysLost(logger, DurationText.Of(options.KeyFileGraceMax), exception.Message);
        _known = new Known(before?.Table, before?.Hash ?? [], now, IsFailing: true, isLost);
    }

    /// <param name="Table">Null before any was read.</param>
    /// <param name="Hash">Of the content it was read from.</param>
    /// <param name="CheckedAt">When the file was looked at.</param>
    /// <param name="IsLost">Whether it has failed for so long that the table is not used any more.</param>
    /// <param name="IsWithoutHandle">Whether it could not be looked at, for want of a handle.</param>
    private sealed record Known(
        KeyTable? Table, byte[] Hash, long CheckedAt, bool IsFailing, bool IsLost, bool IsWithoutHandle = false);

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Information, "Keys loaded: {Count}")]
        public static partial void KeysLoaded(ILogger logger, int count);

        [LoggerMessage(8002, LogLevel.Warning, "The key file cannot be used, the former keys stay for {GraceMax}: {Reason}")]
        public static partial void KeysNotLoaded(ILogger logger, string graceMax, string reason);

        [LoggerMessage(8004, LogLevel.Warning, "The key file has not answered for {AnswerMax}, the former keys stay for {GraceMax}")]
        public static partial void KeysHang(ILogger logger, string answerMax, string graceMax);

        [LoggerMessage(8005, LogLevel.Error, "The key file has not answered for {AnswerMax}: all requests are refused until it does")]
        public static partial void KeysHangAtStart(ILogger logger, string answerMax);

        [LoggerMessage(8006, LogLevel.Warning,
            "The process has no handle left to open the key file with, the keys that it had stay as long as that lasts: {Reason}")]
        public static partial void NoHandle(ILogger logger, string reason);

        [LoggerMessage(8003, LogLevel.Error, "No key is accepted any more: the key file could not be used for {GraceMax}: {Reason}")]
        public static partial void KeysLost(ILogger logger, string graceMax, string reason);
    }
}
