#pragma once

#include "engine/observe/snapshot.h"

#include "gui/models/account_list.h"
#include "gui/models/live_rows.h"
#include "gui/models/roles.h"

#include <set>

namespace signalbox::gui {

/// An account, or somebody in it, and what they use now.
struct AccountLine {
    quint64 key = 0;
    bool user = false;
    bool expanded = true;
    bool has_users = false;
    std::string account;
    std::string id;  ///< Of a user.
    QString name;
    QString proof;
    QString rules;
    quint64 connections = 0;
    qint64 most_connections = -1;
    quint64 subscriptions = 0;
    double in_per_second = 0;
    double out_per_second = 0;
};

/// Accounts with their users below them.
class AccountModel : public LiveRows<AccountLine> {
    Q_OBJECT

public:
    enum Column {
        Name,
        Proof,
        Rules,
        Connections,
        Subscriptions,
        MsgsIn,
        MsgsOut,
        kColumns
    };

    using LiveRows::LiveRows;

    /// `connections` say what is used; those of accounts that are not listed add one.
    void show(std::vector<AccountEntry> const& accounts,
              std::vector<observe::ConnectionRow> const& connections);
    void toggle(int row);
    int rowOf(std::string_view account, std::string_view user) const;

    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    Key keyOf(AccountLine const& line) const override { return line.key; }

private:
    QString text(AccountLine const& line, int column) const;
    void showOpen();

    std::vector<AccountLine> all_;
    std::set<std::string> closed_;  ///< Accounts whose users are not shown.
};

}  // namespace signalbox::gui
