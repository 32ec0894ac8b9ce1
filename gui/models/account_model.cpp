#include "gui/models/account_model.h"

#include "gui/models/figures.h"

#include <QHash>

namespace signalbox::gui {

namespace {

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

quint64 keyFor(std::string_view account, std::string_view user, bool isUser) {
    return qHashMulti(isUser ? 1 : 0, textOf(account), textOf(user));
}

AccountLine lineFor(AccountEntry const& account) {
    return {.key = keyFor(account.name, {}, false),
            .has_users = !account.users.empty(),
            .account = account.name,
            .name = textOf(account.name),
            .most_connections = account.options.limits.max_connections};
}

AccountLine lineFor(AccountEntry const& account, UserEntry const& user) {
    std::string const id = user.id + static_cast<char>('0' + static_cast<int>(user.proof));
    return {.key = keyFor(account.name, id, true),
            .user = true,
            .account = account.name,
            .id = user.id,
            .name = userText(user),
            .proof = proofText(user.proof),
            .rules = rulesText(user)};
}

void add(observe::ConnectionRow const& connection, AccountLine& line) {
    ++line.connections;
    line.subscriptions += connection.subscriptions;
    line.in_per_second += connection.in_msgs.per_second;
    line.out_per_second += connection.out_msgs.per_second;
}

/// Adds up what each account and user has open.
void count(std::vector<observe::ConnectionRow> const& connections,
           std::vector<AccountLine>& lines) {
    for (observe::ConnectionRow const& connection : connections) {
        std::string const& account =
            connection.identity->account.empty() ? "$G" : connection.identity->account;
        bool named = false;
        for (AccountLine& line : lines) {
            bool const theirs = line.account == account;
            bool const is_user =
                line.user && !line.id.empty() && line.id == connection.identity->user;
            if (theirs && (!line.user || is_user)) {
                add(connection, line);
                named = named || is_user;
            }
        }
        // Whoever shows no name is the entry without one.
        for (AccountLine& line : lines) {
            if (!named && line.user && line.id.empty() && line.account == account) {
                add(connection, line);
                named = true;
            }
        }
    }
}

}  // namespace

void AccountModel::show(std::vector<AccountEntry> const& accounts,
                        std::vector<observe::ConnectionRow> const& connections) {
    all_.clear();
    for (AccountEntry const& account : accounts) {
        all_.push_back(lineFor(account));
        for (UserEntry const& user : account.users) {
            all_.push_back(lineFor(account, user));
        }
    }
    count(connections, all_);
    showOpen();
}

void AccountModel::showOpen() {
    std::vector<AccountLine> lines;
    for (AccountLine const& line : all_) {
        bool const open = closed_.count(line.account) == 0;
        if (!line.user || open) {
            lines.push_back(line);
            lines.back().expanded = open;
        }
    }
    replaceRows(std::move(lines));
}

void AccountModel::toggle(int row) {
    AccountLine const* const line = rowAt(row);
    if (line == nullptr || line->user || !line->has_users) {
        return;
    }
    if (closed_.erase(line->account) == 0) {
        closed_.insert(line->account);
    }
    showOpen();
}

int AccountModel::rowOf(std::string_view account, std::string_view user) const {
    for (std::size_t i = 0; i < rows().size(); ++i) {
        AccountLine const& line = rows()[i];
        if (line.account == account && line.user == !user.empty() && line.id == user) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

int AccountModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant AccountModel::data(QModelIndex const& index, int role) const {
    AccountLine const* const line = rowAt(index.row());
    if (line == nullptr) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
        case Qt::ToolTipRole:
            return text(*line, index.column());
        case Qt::TextAlignmentRole:
            return int((index.column() < Connections ? Qt::AlignLeft : Qt::AlignRight) |
                       Qt::AlignVCenter);
        case ToneRole:
            return static_cast<int>(index.column() == Proof ? Tone::Muted : Tone::Plain);
        case FractionRole:
            return index.column() == Connections && line->most_connections > 0
                       ? QVariant(std::min(1.0, static_cast<double>(line->connections) /
                                                    static_cast<double>(line->most_connections)))
                       : QVariant();
        case DepthRole:
            return line->user ? 1 : 0;
        case HasChildrenRole:
            return !line->user && line->has_users;
        case ExpandedRole:
            return line->expanded;
        default:
            return {};
    }
}

QString AccountModel::text(AccountLine const& line, int column) const {
    switch (column) {
        case Name:
            return line.name;
        case Proof:
            return line.proof;
        case Rules:
            return line.rules;
        case Connections:
            return line.most_connections >= 0
                       ? tr("%1 of %2").arg(line.connections).arg(line.most_connections)
                       : exactCount(line.connections);
        case Subscriptions:
            return exactCount(line.subscriptions);
        case MsgsIn:
            return rateCell(line.in_per_second);
        case MsgsOut:
            return rateCell(line.out_per_second);
        default:
            return {};
    }
}

QVariant AccountModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return int((section < Connections ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    QString const names[kColumns] = {tr("Account and users"), tr("Proof"), tr("Permissions"),
                                     tr("Connections"),       tr("Subs"),  tr("Msgs in/s"),
                                     tr("Msgs out/s")};
    return names[section];
}

}  // namespace signalbox::gui
