using System.Net.Sockets;

namespace Samovar.Cli.Commands;

/// <summary>What to do about an address that cannot be listened on.</summary>
internal static class AddressFault
{
    /// <summary>A sentence; null where the cause says enough.</summary>
    public static string? Advice(Exception exception) => (exception.GetBaseException() as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "Is another server running there? Choose another --port.",
        SocketError.AccessDenied => "This user may not listen there. Choose a --port from 1024 on.",
        SocketError.AddressNotAvailable => "This machine does not have that address. Choose another --host.",
        _ => null,
    };
}
