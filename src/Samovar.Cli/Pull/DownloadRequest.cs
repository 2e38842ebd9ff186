using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Samovar.Cli.Pull;

/// <summary>One request for what is still missing of a file.</summary>
internal sealed class DownloadRequest(HttpClient http, TimeProvider time, DownloadBounds bounds)
{
    private const int CopyBytes = 1 << 18;

    /// <returns>Whether the file is whole.</returns>
    /// <exception cref="PullException">It was cut, or refused.</exception>
    public async Task<bool> TryAsync(ModelFile file, PartFile part, IPullProgress progress, CancellationToken userGone)
    {
        if (part.Bytes > 0 && !MayGoOn(file, part)) part.Begin(content: null);
        if (part.Bytes > 0 && part.Bytes == file.Bytes) return true;
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Address);
        if (part.Bytes > 0)
        {
            request.Headers.Range = new RangeHeaderValue(part.Bytes, null);
            if (file.Sha256 is null) request.Headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(part.Content!));
        }
        using var answer = await PullException.OfHttpAsync(
            file.Address, () => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, userGone));
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && part.Bytes > 0)
        {
            part.Begin(content: null); // more is here than there
            throw Passing($"{file.Address.Authority} has less of {file.Name} than is here.");
        }
        if (PullException.Passes(answer.StatusCode)) throw PullException.Of(file.Address, answer);
        if (!answer.IsSuccessStatusCode) throw Refused(file, answer.StatusCode);
        var bytes = Place(file, part, answer);
        progress.Begin("Downloading", file, part.Bytes, bytes);
        await CopyAsync(file, part, answer, bytes, progress, userGone);
        if (bytes is null || part.Bytes == bytes) return true;
        throw Passing(string.Create(
            CultureInfo.InvariantCulture, $"{file.Address.Authority} cut the connection at {part.Bytes} of {bytes} bytes."));
    }

    /// <summary>Of a file whose hash is known another content is found out in the end; else the server's tag must say that it is the
    /// same.</summary>
    private static bool MayGoOn(ModelFile file, PartFile part) =>
        file.Sha256 is { } hash ? part.Content == hash : part.Content is { } tag && EntityTagHeaderValue.TryParse(tag, out _);

    /// <returns>How many bytes the whole has; null where nobody says.</returns>
    private long? Place(ModelFile file, PartFile part, HttpResponseMessage answer)
    {
        var range = answer.Content.Headers.ContentRange;
        var isRest = answer.StatusCode == HttpStatusCode.PartialContent;
        if (isRest && range?.From != part.Bytes)
            throw new PullException($"{file.Address.Authority} sends another part of {file.Name} than was asked for.");
        if (isRest && file.Sha256 is null && part.Bytes > 0 && answer.Headers.ETag is { } now && now.ToString() != part.Content)
        {
            part.Begin(content: null); // it does not mind what it was asked
            throw Passing($"{file.Address.Authority} has another {file.Name} by now.");
        }
        if (!isRest) part.Begin(file.Sha256 ?? (answer.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : null));
        var bytes = isRest ? range!.Length : answer.Content.Headers.ContentLength;
        if (bytes is not null && file.Bytes is not null && bytes != file.Bytes)
            throw new PullException(string.Create(
                CultureInfo.InvariantCulture, $"{file.Name} has {bytes} bytes, and should have {file.Bytes}: try again later."));
        RequireRoom(part, bytes ?? file.Bytes);
        return bytes ?? file.Bytes;
    }

    private void RequireRoom(PartFile part, long? bytes)
    {
        if (bytes is null || part.DiskBytesFree is not { } free || bytes - part.Bytes <= free - bounds.DiskBytesLeft) return;
        throw new PullException($"The disk has room for {ByteText.Of(free)}, and {ByteText.Of(bytes.Value - part.Bytes)} are missing.");
    }

    private async Task CopyAsync(
        ModelFile file, PartFile part, HttpResponseMessage answer, long? bytes, IPullProgress progress, CancellationToken userGone)
    {
        var bytesMax = bytes ?? UnsaidBytesMax(part);
        using var silent = new CancellationTokenSource(bounds.SilentMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silent.Token, userGone);
        var buffer = new byte[CopyBytes];
        await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
        while (await ReadAsync() is > 0 and var count)
        {
            if (count > bytesMax - part.Bytes)
            {
                part.Begin(content: null); // nothing of it is worth the room
                throw new PullException(bytes is not null ? $"{file.Address.Authority} sends more than {file.Name} has."
                    : $"{file.Address.Authority} does not say how long {file.Name} is, and sends more than {ByteText.Of(bytesMax)}.");
            }
            silent.CancelAfter(bounds.SilentMax);
            await part.AddAsync(buffer.AsMemory(0, count), userGone);
            progress.Add(count);
        }

        async ValueTask<int> ReadAsync()
        {
            try
            {
                return await body.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException) when (!userGone.IsCancellationRequested)
            {
                throw Passing($"{file.Address.Authority} has sent nothing for {bounds.SilentMax.TotalSeconds:0} s.");
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException || cut.GetBaseException() is SocketException)
            {
                throw Passing($"{file.Address.Authority} cut the connection.");
            }
        }
    }

    /// <summary>Of a file whose size nobody says: it may not fill the disk.</summary>
    private long UnsaidBytesMax(PartFile part) => part.DiskBytesFree is { } free
        ? Math.Clamp(part.Bytes + free - bounds.DiskBytesLeft, 0, bounds.UnsaidBytesMax) : bounds.UnsaidBytesMax;

    private static PullException Refused(ModelFile file, HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new PullException(
            $"{file.Address.Authority} does not let you have {file.Name}: accept its terms there, and give a token in HF_TOKEN."),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new PullException($"{file.Address.Authority} has no {file.Name}."),
        _ => new PullException($"{file.Address.Authority} answers {(int)status} to a request for {file.Name}."),
    };

    private static PullException Passing(string message) => new(message) { IsPassing = true };
}
