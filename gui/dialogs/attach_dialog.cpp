#include "gui/dialogs/attach_dialog.h"

#include "gui/dialogs/login_editor.h"
#include "gui/icons.h"
#include "gui/source/nats_contexts.h"
#include "gui/widgets/check_list.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPointer>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox::gui {

namespace {

struct NamedColor {
    char const* hex;
    char const* name;
};

/// Dark enough for white text on them.
constexpr std::array<NamedColor, 6> kColors = {{{"#2f6fb3", "blue"},
                                                {"#2e7d4f", "green"},
                                                {"#8a6100", "amber"},
                                                {"#b3282d", "red"},
                                                {"#7a4aa8", "violet"},
                                                {"#4d5b66", "grey"}}};
constexpr char kProductionColor[] = "#b3282d";

QIcon dotOf(QString const& color) {
    QPixmap map(32, 32);
    map.fill(Qt::transparent);
    QPainter painter(&map);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(color));
    painter.drawEllipse(4, 4, 24, 24);
    return QIcon(map);
}

QLabel* note(QString const& text) {
    auto* const label = new QLabel(text);
    label->setProperty("role", "muted");
    label->setWordWrap(true);
    return label;
}

}  // namespace

AttachDialog::AttachDialog(ProfileStore& store, Theme const& theme, QString const& id,
                           QWidget* parent)
    : QDialog(parent), store_(store), theme_(theme) {
    setWindowTitle(tr("Attach to a server"));
    auto* const columns = new QHBoxLayout;
    columns->setSpacing(kSpace * 2);
    columns->addWidget(listPart());
    auto* const right = new QVBoxLayout;
    right->setSpacing(kSpace + 4);
    right->addWidget(formPart());
    right->addWidget(checkPart(), 1);
    columns->addLayout(right, 1);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(kSpace * 2);
    column->addLayout(columns, 1);
    column->addWidget(buttonPart());
    resize(860, 640);
    connect(&store_.secrets(), &SecretStore::placeChanged, this,
            [this] { form_.secrets->setText(store_.secrets().place()); });
    fillList();
    int row = 0;
    for (int i = 0; i < store_.profiles().size(); ++i) {
        row = store_.profiles()[i].id == id ? i + 1 : row;
    }
    bool const any = !store_.profiles().isEmpty();
    list_->setCurrentRow(row > 0 ? row : any ? 1 : 0);
}

QWidget* AttachDialog::listPart() {
    auto* const part = new QWidget;
    auto* const column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    list_ = new QListWidget;
    list_->setAccessibleName(tr("Profiles"));
    list_->setIconSize({16, 16});
    connect(list_, &QListWidget::currentRowChanged, this, &AttachDialog::choose);
    connect(list_, &QListWidget::itemActivated, this, &AttachDialog::attach);
    remove_ = new QPushButton(tr("Remove"));
    remove_->setAccessibleName(tr("Remove the profile"));
    remove_->setAutoDefault(false);
    connect(remove_, &QPushButton::clicked, this, &AttachDialog::remove);
    auto* const import = new QPushButton(tr("Import contexts"));
    import->setAccessibleName(tr("Import the contexts of the nats command line"));
    import->setToolTip(tr("A profile for each context in ~/.config/nats/context"));
    import->setAutoDefault(false);
    import->setVisible(!natsContextFolder().isEmpty());
    connect(import, &QPushButton::clicked, this, &AttachDialog::importContexts);
    column->addWidget(list_, 1);
    column->addWidget(import);
    column->addWidget(remove_);
    part->setFixedWidth(190);
    return part;
}

QWidget* AttachDialog::formPart() {
    auto* const part = new QWidget;
    auto* const form = new QFormLayout(part);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(kSpace * 2);
    form->setVerticalSpacing(kSpace);
    auto const edit = [&](QString const& name, QString const& placeholder) {
        auto* const one = new QLineEdit;
        one->setAccessibleName(name);
        one->setPlaceholderText(placeholder);
        connect(one, &QLineEdit::textChanged, this, &AttachDialog::check);
        return one;
    };
    form_.name = edit(tr("Name"), tr("what it is to you; may be left empty"));
    form_.server = edit(tr("Server"), tr("nats://host:4222, or several with commas"));
    form_.login = new LoginEditor(tr("Log in"));
    form_.hasSystem = new QCheckBox(tr("Also as a user of the system account"));
    form_.hasSystem->setToolTip(
        tr("Asked for figures, connections, accounts and events of the whole server"));
    form_.system = new LoginEditor(tr("System account"));
    form_.monitoring = edit(tr("Monitoring"), tr("http://host:8222, when the server has it"));
    form_.authorities = edit(tr("Authorities"), tr("file (PEM) of those to trust with tls:// and "
                                                   "https://; empty: this system's"));
    form_.certificate = edit(tr("Certificate"), tr("file (PEM) to show where one is asked for"));
    form_.key = edit(tr("Certificate's key"), tr("its key; empty: the same file"));
    auto* const own = new QWidget;
    auto* const ownRow = new QHBoxLayout(own);
    ownRow->setContentsMargins(0, 0, 0, 0);
    ownRow->setSpacing(kSpace);
    ownRow->addWidget(form_.certificate);
    ownRow->addWidget(form_.key);
    form_.mistake = new QLabel;
    form_.mistake->setProperty("role", "error");
    form_.mistake->setTextFormat(Qt::PlainText);
    form_.mistake->setWordWrap(true);
    form_.secrets = note(store_.secrets().place());
    form_.secrets->setAccessibleName(tr("Where secrets are kept"));
    form->addRow(tr("Name"), form_.name);
    form->addRow(tr("Server"), form_.server);
    form->addRow(tr("Log in with"), form_.login);
    form->addRow(QString(), form_.hasSystem);
    form->addRow(tr("System account"), form_.system);
    form->addRow(tr("Monitoring"), form_.monitoring);
    form->addRow(tr("Authorities"), form_.authorities);
    form->addRow(tr("Certificate"), own);
    form->addRow(tr("Environment"), looksPart());
    form->addRow(QString(), form_.secrets);
    form->addRow(QString(), form_.mistake);
    connect(form_.hasSystem, &QCheckBox::toggled, this,
            [this, form](bool on) { form->setRowVisible(form_.system, on); });
    form->setRowVisible(form_.system, false);
    return part;
}

QWidget* AttachDialog::looksPart() {
    auto* const part = new QWidget;
    auto* const row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace / 2);
    form_.environment = new QComboBox;
    form_.environment->setAccessibleName(tr("Environment"));
    form_.environment->addItem(tr("development"), QStringLiteral("dev"));
    form_.environment->addItem(tr("test"), QStringLiteral("test"));
    form_.environment->addItem(tr("production"), QStringLiteral("prod"));
    row->addWidget(form_.environment);
    row->addSpacing(kSpace);
    form_.colors = new QButtonGroup(this);
    for (std::size_t i = 0; i < kColors.size(); ++i) {
        auto* const dot = new QToolButton;
        dot->setIcon(dotOf(QLatin1String(kColors[i].hex)));
        dot->setCheckable(true);
        dot->setAccessibleName(tr("Colour: %1").arg(QLatin1String(kColors[i].name)));
        dot->setToolTip(
            tr("The colour of the window's top edge: %1").arg(QLatin1String(kColors[i].name)));
        form_.colors->addButton(dot, static_cast<int>(i));
        row->addWidget(dot);
    }
    form_.readOnly = new QCheckBox(tr("For looking only"));
    form_.readOnly->setToolTip(
        tr("Without it one can publish, send requests, disconnect clients, and change or delete "
           "streams, keys and objects"));
    row->addSpacing(kSpace);
    row->addWidget(form_.readOnly);
    row->addStretch(1);
    // Production is red unless someone wants it otherwise.
    connect(form_.environment, &QComboBox::activated, this, [this] {
        bool const production =
            form_.environment->currentData().toString() == QLatin1String("prod");
        for (std::size_t i = 0; i < kColors.size(); ++i) {
            if (production && QLatin1String(kColors[i].hex) == QLatin1String(kProductionColor)) {
                form_.colors->button(static_cast<int>(i))->setChecked(true);
            }
        }
        if (production) {
            form_.readOnly->setChecked(true);
        }
    });
    return part;
}

QWidget* AttachDialog::checkPart() {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(14, 10, 14, 12);
    column->setSpacing(kSpace);
    auto* const top = new QHBoxLayout;
    auto* const heading = new QLabel(tr("The way there"));
    heading->setProperty("role", "title");
    test_ = new QPushButton(tr("Test connection"));
    test_->setAccessibleName(tr("Test connection"));
    test_->setAutoDefault(false);
    connect(test_, &QPushButton::clicked, this, &AttachDialog::test);
    top->addWidget(heading, 1);
    top->addWidget(test_);
    checks_ = new CheckList(theme_);
    connect(checks_, &CheckList::finished, this, [this] {
        test_->setText(tr("Test again"));
        check();
    });
    column->addLayout(top);
    column->addWidget(checks_);
    column->addStretch(1);
    return frame;
}

QWidget* AttachDialog::buttonPart() {
    auto* const part = new QWidget;
    auto* const row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace);
    auto* const save = new QPushButton(tr("Save"));
    save->setAccessibleName(tr("Save the profile"));
    save->setAutoDefault(false);
    auto* const cancel = new QPushButton(tr("Cancel"));
    cancel->setAutoDefault(false);
    attach_ = new QPushButton(tr("Attach"));
    attach_->setProperty("primary", true);
    attach_->setDefault(true);
    row->addStretch(1);
    row->addWidget(cancel);
    row->addWidget(save);
    row->addWidget(attach_);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(attach_, &QPushButton::clicked, this, &AttachDialog::attach);
    connect(save, &QPushButton::clicked, this, [this] {
        QString const id = current_.id;
        store_.save(profile());
        fillList();
        for (int i = 0; i < store_.profiles().size(); ++i) {
            if (store_.profiles()[i].id == id) {
                list_->setCurrentRow(i + 1);
            }
        }
    });
    return part;
}

void AttachDialog::fillList() {
    QSignalBlocker const blocker(list_);
    list_->clear();
    list_->addItem(new QListWidgetItem(icon(QStringLiteral("add")), tr("New profile")));
    for (RemoteProfile const& profile : store_.profiles()) {
        list_->addItem(new QListWidgetItem(dotOf(profile.color), profile.text()));
    }
    for (int row = 0; row < list_->count(); ++row) {
        list_->item(row)->setSizeHint({120, 30});
    }
}

void AttachDialog::choose(int row) {
    checks_->clear();
    remove_->setEnabled(row > 0);
    if (row <= 0) {
        RemoteProfile fresh = newProfile();
        fresh.server = QStringLiteral("nats://127.0.0.1:4222");
        setProfile(fresh);
        return;
    }
    RemoteProfile const& chosen = store_.profiles()[row - 1];
    setProfile(chosen);
    // A keyring may ask first; meanwhile another may have been chosen, or the dialog be gone.
    store_.withSecrets(chosen, [self = QPointer(this), id = chosen.id](RemoteProfile const& with) {
        if (self && self->current_.id == id) {
            self->setProfile(with);
        }
    });
}

void AttachDialog::remove() {
    int const row = list_->currentRow();
    if (row > 0) {
        store_.remove(store_.profiles()[row - 1].id);
        fillList();
        list_->setCurrentRow(store_.profiles().isEmpty() ? 0 : 1);
        choose(list_->currentRow());
    }
}

/// Those that are there already, by name and server, stay as they are.
void AttachDialog::importContexts() {
    for (RemoteProfile const& context : natsContexts(natsContextFolder())) {
        auto const same = [&](RemoteProfile const& profile) {
            return profile.name == context.name && profile.server == context.server;
        };
        if (std::ranges::none_of(store_.profiles(), same)) {
            store_.save(context);
        }
    }
    fillList();
    list_->setCurrentRow(store_.profiles().isEmpty() ? 0 : 1);
    choose(list_->currentRow());
}

QString AttachDialog::color() const {
    int const chosen = form_.colors->checkedId();
    return chosen < 0 ? current_.color
                      : QString(QLatin1String(kColors[static_cast<std::size_t>(chosen)].hex));
}

RemoteProfile AttachDialog::profile() const {
    RemoteProfile profile = current_;
    profile.name = form_.name->text().trimmed();
    profile.server = form_.server->text().trimmed();
    profile.login = form_.login->login();
    profile.hasSystemLogin = form_.hasSystem->isChecked();
    profile.systemLogin = form_.system->login();
    profile.monitoring = form_.monitoring->text().trimmed();
    profile.authoritiesFile = form_.authorities->text().trimmed();
    profile.certificateFile = form_.certificate->text().trimmed();
    profile.keyFile = form_.key->text().trimmed();
    profile.environment = form_.environment->currentData().toString();
    profile.color = color();
    profile.readOnly = form_.readOnly->isChecked();
    return profile;
}

void AttachDialog::setProfile(RemoteProfile const& profile) {
    current_ = profile;
    form_.name->setText(profile.name);
    form_.server->setText(profile.server);
    form_.login->setLogin(profile.login);
    form_.hasSystem->setChecked(profile.hasSystemLogin);
    form_.system->setLogin(profile.systemLogin);
    form_.monitoring->setText(profile.monitoring);
    form_.authorities->setText(profile.authoritiesFile);
    form_.certificate->setText(profile.certificateFile);
    form_.key->setText(profile.keyFile);
    form_.environment->setCurrentIndex(
        std::max(0, form_.environment->findData(profile.environment)));
    for (std::size_t i = 0; i < kColors.size(); ++i) {
        if (profile.color == QLatin1String(kColors[i].hex)) {
            form_.colors->button(static_cast<int>(i))->setChecked(true);
        }
    }
    form_.readOnly->setChecked(profile.readOnly);
    check();
}

void AttachDialog::check() {
    std::string const server = form_.server->text().trimmed().toStdString();
    std::string const monitoring = form_.monitoring->text().trimmed().toStdString();
    QString mistake;
    if (server.empty() && monitoring.empty()) {
        mistake = tr("Name a server, or the URL of its monitoring.");
    }
    if (!server.empty()) {
        if (auto const urls = host::parse_server_urls(server); !urls.ok()) {
            mistake = tr("Server: %1.").arg(QString::fromStdString(urls.error().detail()));
        }
    }
    if (!monitoring.empty()) {
        if (auto const url = host::parse_monitoring_url(monitoring); !url.ok()) {
            mistake = tr("Monitoring: %1.").arg(QString::fromStdString(url.error().detail()));
        }
    }
    form_.mistake->setText(mistake);
    form_.mistake->setVisible(!mistake.isEmpty());
    if (attach_ != nullptr) {
        attach_->setEnabled(mistake.isEmpty());
    }
    test_->setEnabled(mistake.isEmpty());
}

void AttachDialog::test() {
    checks_->run(remoteOptions(profile()));
}

void AttachDialog::attach() {
    if (attach_->isEnabled()) {
        store_.save(profile());
        accept();
    }
}

}  // namespace signalbox::gui
