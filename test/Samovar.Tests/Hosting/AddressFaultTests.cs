using System.Net.Sockets;
using Samovar.Cli.Commands;

namespace Samovar.Tests.Hosting;

public sealed class AddressFaultTests
{
    [Theory]
    [InlineData(SocketError.AddressAlreadyInUse, "another server")]
    [InlineData(SocketError.AccessDenied, "may not listen")]
    [InlineData(SocketError.AddressNotAvailable, "does not have that address")]
    public void AddressThatCannotBeUsed_ComesWithAdvice_ForItsCause(SocketError error, string says) =>
        Assert.Contains(says, AddressFault.Advice(new IOException("bind", new SocketException((int)error))), StringComparison.Ordinal);

    [Fact]
    public void CauseThatIsUnknown_ComesWithoutAdvice() =>
        Assert.Null(AddressFault.Advice(new SocketException((int)SocketError.NoBufferSpaceAvailable)));
}
