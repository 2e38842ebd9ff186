using System.Security.Cryptography;
using Samovar.Engine.Disk;

namespace Samovar.Engine.Tests.Disk;

/// <summary>A state file is read only where it is, to the bit, what was written, for this model and with this key.</summary>
public sealed class StateFileTests : IDisposable
{
    private const int Mutations = 10_000;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-state-");
    private readonly byte[] _binding = SHA256.HashData("a model"u8);
    private readonly DiskKeys _keys = new(new byte[32]);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, 700, null, 3000)]
    [InlineData(300, 310, null, 0)]
    [InlineData(512, 768, null, PieceHead.BlockBytes * 2 + 5)]
    [InlineData(0, 256, MarkKind.TurnEnd, 3 * PieceHead.BlockBytes - 1024)]
    public void File_HasWhatWasWritten(int start, int end, MarkKind? kind, int stateBytes)
    {
        var (head, bytes) = Write(start, end, kind, stateBytes);
        Assert.Equal(head.FileBytes, new FileInfo(PathOf(head)).Length);
        var found = StateFile.ReadHead(PathOf(head), _binding, _keys)!;
        Assert.Equal((head.Start, head.End, head.Kind, head.StateBytes), (found.Start, found.End, found.Kind, found.StateBytes));
        Assert.Equal(head.Steps, found.Steps);
        using var body = StateFile.Read(PathOf(head), head, _binding, _keys);
        Assert.Equal(bytes, All(body!));
    }

    [Fact]
    public void File_IsRefused_WhereAnythingOfItHasChanged()
    {
        var (head, _) = Write(0, 300, MarkKind.TurnEnd, 2000);
        var (path, whole, random) = (PathOf(head), File.ReadAllBytes(PathOf(head)), new Random(17));
        for (var mutation = 0; mutation < Mutations; mutation++)
        {
            var changed = Mutate(whole, random);
            if (changed.AsSpan().SequenceEqual(whole)) continue;
            File.WriteAllBytes(path, changed);
            using var body = StateFile.Read(path, head, _binding, _keys);
            Assert.Null(body);
        }
        File.WriteAllBytes(path, whole);
        using var unchanged = StateFile.Read(path, head, _binding, _keys);
        Assert.NotNull(unchanged);
    }

    [Fact]
    public void File_IsRefused_OfAnotherModelOrKeyOrUnderAnotherName()
    {
        var (head, _) = Write(0, 300, null, 2000);
        Assert.Null(StateFile.ReadHead(PathOf(head), SHA256.HashData("another model"u8), _keys));
        Assert.Null(StateFile.ReadHead(PathOf(head), _binding, new DiskKeys([.. new byte[31], 1])));
        var (other, _) = Write(0, 301, null, 2000);
        File.Copy(PathOf(other), PathOf(head), overwrite: true);
        Assert.Null(StateFile.ReadHead(PathOf(head), _binding, _keys));
    }

    [Fact]
    public void File_SaysNothingOfItsTokens()
    {
        var tokens = Enumerable.Repeat(0x41424344, 600).ToArray();
        var head = PieceHead.Of(new PathHashes(_keys, "a", tokens), 0, 600, MarkKind.TurnEnd, true, 5000);
        using var body = new NativeBytes(head.BodyBytes);
        body.Part(0, (int)body.Size).Fill(0x5A);
        StateFile.Write(_folder.FullName, head, body, _binding, _keys);
        var file = File.ReadAllBytes(PathOf(head));
        Assert.True(file.AsSpan().IndexOf(Enumerable.Repeat((byte)0x5A, 8).ToArray()) < 0);
        Assert.NotEqual(head.Name, PieceHead.Of(new PathHashes(_keys, "b", tokens), 0, 600, MarkKind.TurnEnd, true, 5000).Name);
    }

    [Fact]
    public void Hashes_DependOnTheTokensInFrontAlone()
    {
        var tokens = Enumerable.Range(0, 1000).ToArray();
        var (whole, shorter) = (new PathHashes(_keys, "a", tokens), new PathHashes(_keys, "a", tokens[..700]));
        foreach (var at in new[] { 700, 0, 1, 256, 255, 512, 699 }) Assert.Equal(whole.At(at), shorter.At(at));
        Assert.Equal(1001, Enumerable.Range(0, 1001).Select(whole.At).Distinct().Count());
    }

    private static byte[] Mutate(byte[] whole, Random random)
    {
        var bytes = whole.ToArray();
        switch (random.Next(5))
        {
            case 0: return bytes[..random.Next(bytes.Length)];
            case 1: return [.. bytes, .. bytes[..random.Next(1, 100)]];
            case 2:
                var from = random.Next(bytes.Length);
                random.NextBytes(bytes.AsSpan(from, random.Next(Math.Min(64, bytes.Length - from)) + 1));
                return bytes;
            case 3:
                var (one, two) = (random.Next(bytes.Length - 16), random.Next(bytes.Length - 16));
                whole.AsSpan(one, 16).CopyTo(bytes.AsSpan(two));
                return bytes;
            default:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }

    private (PieceHead Head, byte[] Bytes) Write(int start, int end, MarkKind? kind, int stateBytes)
    {
        var path = new PathHashes(_keys, "a", [.. Enumerable.Range(7, end)]);
        var head = PieceHead.Of(path, start, end, kind, isWhole: kind is not null, stateBytes);
        var body = new NativeBytes(head.BodyBytes);
        var bytes = new byte[head.BodyBytes];
        new Random(3).NextBytes(bytes);
        bytes.CopyTo(body.Part(0, bytes.Length));
        StateFile.Write(_folder.FullName, head, body, _binding, _keys);
        body.Dispose();
        return (head, bytes);
    }

    private string PathOf(PieceHead head) => Path.Combine(_folder.FullName, head.Name);

    private static byte[] All(NativeBytes body) => body.Part(0, (int)body.Size).ToArray();
}
