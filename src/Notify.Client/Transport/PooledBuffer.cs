using System.Buffers;

namespace Notify.Client.Transport;

/// <summary>
/// A growing buffer of pooled memory for encoded messages. An empty one holds no memory, so that idle calls cost none.
/// </summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int FirstBytes = 4096;

    private byte[] _bytes = [];

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Count);
    }

    /// <summary>Gives the memory back. Nobody may still be reading <see cref="Written"/>.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        Forget();
    }

    /// <summary>Lets go of the memory without giving it back: a transport that failed may still be reading it.</summary>
    public void Forget()
    {
        _bytes = [];
        Count = 0;
    }

    private void Reserve(int sizeHint)
    {
        var needed = Count + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBytes, (int)Math.Min(2L * _bytes.Length, Array.MaxLength))));
        Written.Span.CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
