using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Server.Auth;

namespace Samovar.Server.Page;

/// <summary>Who has logged in to the page. Of ids and keys only hashes are kept; a key that is taken away ends its logins.</summary>
internal sealed class PageLogins(KeyRing keys, PageOptions options, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PageLogin> _logins = new(StringComparer.Ordinal); // by the id's hash
    private readonly LinkedList<PageLogin> _byAge = new(); // oldest first

    /// <summary>Begins a login.</summary>
    /// <returns>Its id, which only the browser has from now on.</returns>
    /// <exception cref="ApiException">Too many are logged in.</exception>
    public string Begin(Caller caller, string key)
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var login = new PageLogin(HashOf(id), caller, SHA256.HashData(Encoding.UTF8.GetBytes(key)), time.GetUtcNow() + options.LoginAgeMax);
        lock (_gate)
        {
            while (_byAge.First is { Value: var oldest } && oldest.EndsAt <= time.GetUtcNow()) Forget(oldest);
            var own = _byAge.Where(one => one.Caller.Tenant == caller.Tenant).ToList();
            if (own.Count >= options.LoginsPerTenantMax) Forget(own[0]);
            if (_logins.Count >= options.LoginsMax) throw new ApiException(Errors.ServerOverloaded, RetryAfter, retryAfter: RetryAfter);
            _logins.Add(login.IdHash, login);
            _byAge.AddLast(login);
        }
        return id;
    }

    /// <summary>The login of a cookie; null where it is over, or never was.</summary>
    public PageLogin? Find(string? id)
    {
        if (id is not { Length: > 0 and <= 128 }) return null;
        PageLogin? login;
        lock (_gate) login = _logins.GetValueOrDefault(HashOf(id));
        return login is not null && IsGoodStill(login) ? login : null;
    }

    /// <summary>Whether it has not ended: by its age, by a logout, or because its key was taken away.</summary>
    public bool IsGoodStill(PageLogin login)
    {
        lock (_gate)
            if (!_logins.TryGetValue(login.IdHash, out var known) || !ReferenceEquals(known, login)) return false;
        if (login.EndsAt > time.GetUtcNow() && keys.FindHash(login.KeyHash) == login.Caller) return true;
        lock (_gate) Forget(login);
        return false;
    }

    public void End(PageLogin login)
    {
        lock (_gate) Forget(login);
    }

    private void Forget(PageLogin login)
    {
        if (_logins.Remove(login.IdHash)) _byAge.Remove(login);
    }

    private static string HashOf(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}

/// <param name="IdHash">Of what the browser's cookie says.</param>
/// <param name="KeyHash">Of the key that it was begun with.</param>
internal sealed record PageLogin(string IdHash, Caller Caller, byte[] KeyHash, DateTimeOffset EndsAt);
