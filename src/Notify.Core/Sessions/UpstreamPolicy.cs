using System.Security.Cryptography;
using System.Text;
using Notify.Core.Transport;

namespace Notify.Core.Sessions;

/// <summary>
/// Decides which upstream a node connects to and how long it waits between attempts. No clock and no randomness of its own. Not thread safe.
/// </summary>
/// <remarks>
/// Nodes are spread over the addresses by rendezvous hash of their name: each has its own order of preference, and when an address goes, only its
/// nodes move. A dead address, or one that is about to go down, costs nothing but the time to find out: the next one is tried at once. When
/// all were tried, or one has refused, the node waits for a random part of a time that doubles (full jitter), so that many nodes never come
/// back together.
/// </remarks>
internal sealed class UpstreamPolicy
{
    private readonly string[] _addresses;
    private readonly UpstreamPolicyOptions _options;
    private readonly Func<double> _random;
    private string? _left;
    private int _next;
    private int _failures;
    private int _triedSinceWait;

    /// <summary>Creates the policy of a node.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="addresses">At least one.</param>
    /// <param name="options">Times.</param>
    /// <param name="random">Numbers from 0 to below 1.</param>
    public UpstreamPolicy(string node, IEnumerable<string> addresses, UpstreamPolicyOptions options, Func<double> random)
    {
        _addresses = [.. addresses.OrderByDescending(address => Weight(node, address), StringComparer.Ordinal)];
        (_options, _random) = (options, random);
        ArgumentOutOfRangeException.ThrowIfZero(_addresses.Length, nameof(addresses));
    }

    /// <summary>The address to try now.</summary>
    public string Address => _addresses[_next];

    /// <summary>There are other addresses than the one in use.</summary>
    public bool HasOthers => _addresses.Length > 1;

    /// <summary>
    /// The server at <see cref="Address"/> goes down, and is left for the next one. Returns how long to wait before that, in milliseconds: a random
    /// part of half the time that there is, for all its nodes leave at once, and the other half is for leaving.
    /// </summary>
    /// <param name="deadlineMs">How much time there is.</param>
    public long Leave(long deadlineMs)
    {
        (_left, _triedSinceWait) = (Address, 0);
        MoveOn();
        return (long)(deadlineMs / 2 * _random());
    }

    /// <summary>The session that was to be left is over, or another one has taken over from it: its address is one like others again.</summary>
    public void HasLeft() => _left = null;

    /// <summary>A session ended, or an attempt failed. Returns how long to wait before the next attempt, in milliseconds.</summary>
    /// <param name="end">Why.</param>
    /// <param name="openMs">How long the session was open; null when it never was.</param>
    /// <param name="retryAfterMs">The server's hint, or null.</param>
    public long Ended(SessionEnd end, long? openMs, long? retryAfterMs)
    {
        if (openMs >= _options.BackoffMaxMs)
        {
            _failures = 0; // It worked for long enough to forget what was before.
        }

        MoveOn();
        _triedSinceWait++;
        var isDead = openMs is null && end.Code is GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded;
        if (isDead && _triedSinceWait < (_left is null ? _addresses.Length : _addresses.Length - 1))
        {
            return 0;
        }

        _triedSinceWait = 0;
        var ceiling = Math.Min(_options.BackoffMaxMs, _options.BackoffMinMs * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;
        return (retryAfterMs ?? 0) + (long)(ceiling * _random());
    }

    private void MoveOn()
    {
        do
        {
            _next = (_next + 1) % _addresses.Length;
        }
        while (Address == _left && HasOthers);
    }

    private static string Weight(string node, string address) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{node}\n{address}")));
}
