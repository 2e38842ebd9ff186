using System.Globalization;
using Npgsql;

namespace Samovar.Storage.Sql;

/// <summary>How a PostgreSQL database is reached. Only <see cref="Name"/> may be shown: the rest may hold a password.</summary>
internal sealed class PostgresAddress
{
    private const string DefaultSchema = "samovar";
    private const int PreparedMax = 64;

    private PostgresAddress(NpgsqlConnectionStringBuilder parts)
    {
        ConnectionString = parts.ConnectionString;
        Schema = parts.SearchPath!.Split(',')[0].Trim();
        Name = string.Create(CultureInfo.InvariantCulture,
            $"PostgreSQL at {parts.Host}:{parts.Port}, database '{parts.Database ?? parts.Username}', schema '{Schema}'");
    }

    public string ConnectionString { get; }
    public string Schema { get; }
    public string Name { get; }

    /// <summary>From the options or the file that they name.</summary>
    /// <exception cref="StoreRefusedException">There is none, or it cannot be read; the text of it is not in the message.</exception>
    public static PostgresAddress Of(StoreOptions options)
    {
        var text = options.ConnectionStringFile is { Length: > 0 } file ? ReadFile(file) : options.ConnectionString ?? "";
        var parts = Parse(text.Trim());
        if (string.IsNullOrEmpty(parts.Host)) throw Unreadable("it names no Host");
        RequireSeparated(parts);
        parts.ApplicationName ??= "samovar";
        if (string.IsNullOrWhiteSpace(parts.SearchPath)) parts.SearchPath = DefaultSchema;
        Default(parts, "Timeout", (int)Math.Ceiling(options.ConnectTimeMax.TotalSeconds));
        Default(parts, "Cancellation Timeout", 500); // milliseconds: one that does not answer does not answer a cancel either
        Default(parts, "Tcp Keepalive", true);
        Default(parts, "Maximum Pool Size", options.ReadersMax + 1); // and the writer
        Default(parts, "Max Auto Prepare", PreparedMax);
        Default(parts, "Auto Prepare Min Usages", 2);
        parts.IncludeErrorDetail = parts.LogParameters = parts.PersistSecurityInfo = false; // values are what people wrote
        return new PostgresAddress(parts);
    }

    /// <summary>Where a separator is missing, what follows stands in a value that is shown, a password perhaps.</summary>
    private static void RequireSeparated(NpgsqlConnectionStringBuilder parts)
    {
        if (parts.Host!.Any(char.IsWhiteSpace) || HoldsKey(parts.Host) || HoldsKey(parts.Database) || HoldsKey(parts.Username)
            || HoldsKey(parts.SearchPath) || HoldsKey(parts.ApplicationName))
            throw Unreadable("a value holds another key; keys are separated by ';'");
    }

    private static bool HoldsKey(string? value) => value is not null && value.Contains('=', StringComparison.Ordinal);

    private static void Default(NpgsqlConnectionStringBuilder parts, string key, object value)
    {
        if (!parts.ContainsKey(key)) parts[key] = value;
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreRefusedException(
                $"{StoreOptions.Section}:{nameof(StoreOptions.ConnectionStringFile)}: {exception.Message}", exception);
        }
    }

    private static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            return IsUri(text) ? OfUri(new Uri(text)) : new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or UriFormatException or OverflowException)
        {
            throw Unreadable("it is neither keys and values nor a postgres:// address"); // the cause would quote it
        }
    }

    private static bool IsUri(string text) =>
        text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal);

    private static NpgsqlConnectionStringBuilder OfUri(Uri uri)
    {
        if (uri.Fragment.Length > 0 || uri.AbsolutePath.AsSpan(1).ContainsAny('/', '@')) // part of a password
            throw Unreadable("its password holds one of / ? # @, which are written as %2F %3F %23 %40 there");
        var parts = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(uri.Host) };
        if (uri.Port > 0) parts.Port = uri.Port;
        if (uri.AbsolutePath.Length > 1) parts.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) parts.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) parts.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var name, var given] ? (name, Uri.UnescapeDataString(given)) : (pair, "");
            parts[KeyOf(key)] = key == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        return parts;
    }

    /// <summary>libpq's words that Npgsql has others for.</summary>
    private static string KeyOf(string key) => key switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        "options" => "Options",
        _ => key,
    };

    private static StoreRefusedException Unreadable(string why) => new(
        $"{StoreOptions.Section}:{nameof(StoreOptions.ConnectionString)} cannot be read: {why}. " +
        "(Its text is not shown, it may hold a password.)");
}
