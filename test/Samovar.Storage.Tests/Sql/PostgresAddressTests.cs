using Npgsql;
using Samovar.Storage.Sql;

namespace Samovar.Storage.Tests.Sql;

public sealed class PostgresAddressTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Host=db.example;Port=6000;Username=tea;Password=pot;Database=house")]
    [InlineData("postgres://tea:pot@db.example:6000/house")]
    [InlineData("postgresql://tea:p%6ft@db.example:6000/house?sslmode=prefer&application_name=x\n")]
    public void Address_IsRead_InBothForms(string text)
    {
        var parts = new NpgsqlConnectionStringBuilder(Of(text).ConnectionString);
        Assert.Equal(("db.example", 6000, "tea", "pot", "house"), (parts.Host, parts.Port, parts.Username, parts.Password, parts.Database));
        Assert.Equal("samovar", parts.SearchPath);
    }

    [Fact]
    public void Name_ShowsNoPassword() => Assert.Equal(
        "PostgreSQL at db.example:5432, database 'tea', schema 'pot'",
        Of("Host=db.example;Username=tea;Password=secret;Search Path=pot").Name);

    [Theory]
    [InlineData("Host=db;Password=half;secret-half")]
    [InlineData("Host=db;Password=x;secret-half=y")]
    [InlineData("postgres://tea:secret-half@db:port/x")]
    [InlineData("Username=secret-half")]
    [InlineData("host=db dbname=x user=tea password=secret-half")]
    [InlineData("Host=db\nPassword secret-half")]
    [InlineData("Host=db;Database=x Password=secret-half;Username=tea")]
    [InlineData("Host=db;Username=tea Password=secret-half")]
    [InlineData("Host=db;Search Path=tea Password=secret-half")]
    [InlineData("postgres://tea:12/secret-half@db/x")]
    [InlineData("postgres://tea:12#secret-half@db/x")]
    [InlineData("postgres://tea:12?secret-half@db/x")]
    [InlineData("")]
    public void Refusal_ShowsNothingOfTheText(string text)
    {
        var refusal = Assert.Throws<StoreRefusedException>(() => Of(text));
        Assert.Contains("Store:ConnectionString", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-half", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Address_ComesFromAFile()
    {
        var path = Path.Combine(_folder.Path, "address");
        File.WriteAllText(path, "Host=db.example\n");
        Assert.StartsWith(
            "PostgreSQL at db.example", PostgresAddress.Of(new StoreOptions { ConnectionStringFile = path }).Name,
            StringComparison.Ordinal);
        var missing = new StoreOptions { ConnectionStringFile = path + "-missing" };
        Assert.Contains(
            "Store:ConnectionStringFile", Assert.Throws<StoreRefusedException>(() => PostgresAddress.Of(missing)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres", null, null, "Store:ConnectionString")]
    [InlineData("postgres", "Host=a", "/file", "Store:ConnectionString")]
    [InlineData("postgres", "Host=a", null, null)]
    [InlineData("sqlite", null, null, null)]
    [InlineData("oracle", null, null, "Kind")]
    public void Options_SayWhatIsMissing(string kind, string? text, string? file, string? fault)
    {
        var options = new StoreOptions { Kind = kind, ConnectionString = text, ConnectionStringFile = file };
        var result = new StoreOptionsValidator().Validate(null, options);
        Assert.Equal(fault is null, result.Succeeded);
        if (fault is not null) Assert.Contains(fault, result.FailureMessage, StringComparison.Ordinal);
    }

    private static PostgresAddress Of(string text) => PostgresAddress.Of(new StoreOptions { ConnectionString = text });
}
