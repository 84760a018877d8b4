//! The bot in chat. Read and checked here; the role `discord` uses it.

use crate::kinds::{ListOf, Secret, Snowflake, Url};
use crate::reference::Reference;
use crate::section::section;

section! {
    /// The bot in chat.
    pub struct Discord {
        /// Where the bot's token is.
        token: Option<Reference> = Secret, unset "\"env:DISCORD_TOKEN\"", restart, env ["DISCORD_TOKEN"];
        /// Where requests go; unset: Discord's own.
        api_url: Option<String> = Url { schemes: &["https://", "http://"], example: "https://discord.com" }, unset "\"https://discord.com\"", restart, env ["DISCORD_API_URL"];
        /// Where its socket is; unset: what Discord says.
        gateway_url: Option<String> = Url { schemes: &["wss://", "ws://"], example: "wss://gateway.discord.gg" }, unset "\"wss://gateway.discord.gg\"", restart, env ["DISCORD_GATEWAY_URL"];
        /// The channel that notifications go to.
        channel_id: Option<u64> = Snowflake, unset "\"123456789012345678\"", restart, env ["DISCORD_CHANNEL_ID"];
        /// The servers whose members may use commands; empty: none.
        guild_ids: Vec<u64> = ListOf { kind: Snowflake, most: 16 }, default "[]", restart, env ["DISCORD_GUILD_IDS"];
    }
}
