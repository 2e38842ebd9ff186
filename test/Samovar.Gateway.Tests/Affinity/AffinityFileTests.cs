using Microsoft.Data.Sqlite;
using Samovar.Gateway.Affinity;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Tests.Affinity;

public sealed class AffinityFileTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-affinity-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "data", "affinity.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Rows_AreThereAgain_TheOldestFirst_EachWithItsNewestPlace()
    {
        using (var file = AffinityFile.Open(Path))
        {
            file.Write([Row("one", "a", 0), Row("two", "b", 1)], Start.AddHours(-4), 10);
            file.Write([Row("one", "c", 2)], Start.AddHours(-4), 10);
        }
        using var again = AffinityFile.Open(Path);
        Assert.Equal([Row("two", "b", 1), Row("one", "c", 2)], again.Read(Start.AddHours(-4), 10));
    }

    [Fact]
    public void File_HoldsNoMoreRowsThanItMay_TheYoungestStay()
    {
        using var file = AffinityFile.Open(Path);
        for (var batch = 0; batch < 10; batch++)
        {
            var from = batch * 7;
            file.Write(Enumerable.Range(from, 7).Select(number => Row($"n{number}", "a", number)), Start.AddHours(-4), 20);
            Assert.Equal(Math.Min(from + 7, 20), Count());
        }
        Assert.Equal(Enumerable.Range(50, 20).Select(number => Row($"n{number}", "a", number)), file.Read(Start.AddHours(-4), 100));
        Assert.Equal(5, file.Read(Start.AddHours(-4), 5).Count);
    }

    [Fact]
    public void OldRows_LeaveTheFile()
    {
        using var file = AffinityFile.Open(Path);
        file.Write([Row("old", "a", 0), Row("young", "a", 60)], Start.AddHours(-4), 10);
        file.Write([Row("new", "a", 100)], Start.AddSeconds(30), 10);
        Assert.Equal(2, Count());
        Assert.Equal([Row("young", "a", 60), Row("new", "a", 100)], file.Read(Start.AddSeconds(30), 10));
    }

    [Fact]
    public void AnotherTenant_HasOtherKeys_WhateverItIsCalled()
    {
        // no split of one text into tenant and name gives the same key as another
        var keys = from tenant in new[] { "", "a", "ab", "1:a", "a1" }
                   from kind in Enum.GetValues<AffinityKind>()
                   from name in new[] { "", "a", "b", "ab", "1:ab" }
                   select AffinityKey.Of(new TenantId(tenant), kind, name);
        Assert.Equal(5 * Enum.GetValues<AffinityKind>().Length * 5, keys.Distinct().Count());
    }

    private static AffinityRow Row(string name, string destination, int second) =>
        new(AffinityKey.Of(TenantId.Local, AffinityKind.Thread, name), destination, Start.AddSeconds(second));

    private long Count()
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM affinity";
        return (long)command.ExecuteScalar()!;
    }
}
