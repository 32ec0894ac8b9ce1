#include "engine/base/text.h"
#include "engine/protocol/connect_options.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/info.h"
#include "engine/protocol/server_writer.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {

namespace {

/// JSON that is written with single quotes, for moc loses its way in others.
std::string json(std::string_view text) {
    std::string out(text);
    std::ranges::replace(out, '\'', '"');
    return out;
}

std::string describe(ConnectOptions const& o) {
    return concat("echo=", o.echo, " verbose=", o.verbose, " pedantic=", o.pedantic,
                  " headers=", o.headers, " no_responders=", o.no_responders,
                  " tls_required=", o.tls_required, " protocol=", o.protocol, " name=", o.name,
                  " lang=", o.lang, " version=", o.version, " user=", o.user,
                  " pass=", o.password.reveal(), " token=", o.token.reveal(),
                  " account=", o.account, " new_account=", o.new_account);
}

constexpr char kEverything[] =
    "{'echo':false,'verbose':false,'pedantic':false,'headers':true,'no_responders':true,"
    "'tls_required':true,'protocol':1,'name':'n','lang':'l','version':'v','user':'u','pass':'p',"
    "'auth_token':'t','account':'a','new_account':true}";

constexpr char kEverythingDescribed[] =
    "echo=false verbose=false pedantic=false headers=true no_responders=true tls_required=true "
    "protocol=1 name=n lang=l version=v user=u pass=p token=t account=a new_account=true";

}  // namespace

/// CONNECT's fields.
class ConnectOptionsTest : public QObject {
    Q_OBJECT

private slots:
    void who_says_nothing_has_the_defaults() {
        ConnectOptions options;
        QVERIFY(options.merge("{}").ok());
        QCOMPARE(describe(options),
                 std::string("echo=true verbose=true pedantic=true headers=false "
                             "no_responders=false tls_required=false protocol=0 name= lang= "
                             "version= user= pass= token= account= new_account=false"));
    }

    void every_field_is_read_and_the_next_connect_keeps_it() {
        ConnectOptions options;
        QVERIFY(options.merge(json(kEverything)).ok());
        QCOMPARE(describe(options), std::string(kEverythingDescribed));
        QVERIFY(options.merge("{}").ok());
        QVERIFY(options.merge(json("{'unknown':{'a':[1,null]}}")).ok());
        QCOMPARE(describe(options), std::string(kEverythingDescribed));
    }

    void null_leaves_a_field_as_it_was() {
        ConnectOptions options;
        QVERIFY(options.merge(json(kEverything)).ok());
        QVERIFY(options
                    .merge(json("{'echo':null,'verbose':null,'pedantic':null,'headers':null,"
                                "'no_responders':null,'tls_required':null,'protocol':null,"
                                "'name':null,'lang':null,'version':null,'user':null,'pass':null,"
                                "'auth_token':null,'account':null,'new_account':null}"))
                    .ok());
        QCOMPARE(describe(options), std::string(kEverythingDescribed));
    }

    void a_connect_of_null_says_nothing() {
        ConnectOptions options;
        QVERIFY(options.merge(json(kEverything)).ok());
        QVERIFY(options.merge("null").ok());
        QCOMPARE(describe(options), std::string(kEverythingDescribed));
    }

    void names_of_fields_may_be_in_any_case() {
        ConnectOptions options;
        QVERIFY(options.merge(json("{'VERBOSE':false,'Auth_Token':'x','nAmE':'me'}")).ok());
        QVERIFY(!options.verbose);
        QCOMPARE(options.token.reveal(), std::string_view("x"));
        QCOMPARE(options.name, std::string("me"));
    }

    void text_may_hold_anything_json_can_say() {
        ConnectOptions options;
        QVERIFY(options.merge(json("{'name':'a\\'b\\\\cä\\n','user':''}")).ok());
        QCOMPARE(options.name, std::string("a\"b\\cä\n"));
    }

    void what_is_wrong_is_refused_and_changes_nothing_data() {
        QTest::addColumn<QString>("text");
        for (char const* text : {"",
                                 " ",
                                 "[]",
                                 "1",
                                 "\"x\"",
                                 "{",
                                 "{\"verbose\":",
                                 "{'verbose':'no'}",
                                 "{'verbose':0}",
                                 "{'echo':[]}",
                                 "{'name':1}",
                                 "{'user':true}",
                                 "{'pass':{}}",
                                 "{'pass':5}",
                                 "{'auth_token':7}",
                                 "{'protocol':'1'}",
                                 "{'protocol':1.5}",
                                 "{'protocol':true}",
                                 "{'account':1}",
                                 "{'new_account':'x'}",
                                 "{'name':'ok','lang':3}",
                                 "{} x"}) {
            QTest::newRow(text[0] == '\0' ? "empty" : text) << QString(text);
        }
    }

    void what_is_wrong_is_refused_and_changes_nothing() {
        QFETCH(QString, text);
        ConnectOptions options;
        QVERIFY(options.merge(json(kEverything)).ok());
        auto const merged = options.merge(json(text.toStdString()));
        QVERIFY(!merged.ok());
        QVERIFY(merged.error().code() == Errc::Malformed);
        QCOMPARE(describe(options), std::string(kEverythingDescribed));
    }

    void an_error_never_quotes_a_secret() {
        ConnectOptions options;
        auto const merged = options.merge(json("{'pass':'hush','user':1}"));
        QVERIFY(!merged.ok());
        QVERIFY(merged.error().detail().find("hush") == std::string::npos);
    }
};
SIGNALBOX_TEST(ConnectOptionsTest);

/// What the server says of itself.
class InfoTest : public QObject {
    Q_OBJECT

private slots:
    void the_first_line_has_its_fields_in_the_order_of_the_reference() {
        Info const info{.server_id = "NID",
                        .server_name = "box",
                        .host = "127.0.0.1",
                        .port = 4222,
                        .headers = true,
                        .max_payload = 1'048'576,
                        .client_id = 5,
                        .client_ip = "127.0.0.1"};
        QCOMPARE(info_line(info),
                 json(concat("INFO {'server_id':'NID','server_name':'box','version':'",
                             kCompatibleVersion, "','proto':1,'go':'", kRuntime,
                             "','host':'127.0.0.1','port':4222,'headers':true,",
                             "'max_payload':1048576,'client_id':5,'client_ip':'127.0.0.1',",
                             "'signalbox':'", kOwnVersion, "'} \r\n")));
    }

    void what_is_so_is_added_in_its_place() {
        Info const info{.server_id = "NID",
                        .server_name = "a \"name\"",
                        .host = "0.0.0.0",
                        .port = -1,
                        .headers = false,
                        .auth_required = true,
                        .max_payload = -1,
                        .client_id = 18'446'744'073'709'551'615U,
                        .client_ip = "::1",
                        .lame_duck = true,
                        .connect_info = true,
                        .remote_account = "$SYS",
                        .account_is_system = true};
        QCOMPARE(info_line(info),
                 json(concat("INFO {'server_id':'NID','server_name':'a \\'name\\'','version':'",
                             kCompatibleVersion, "','proto':1,'go':'", kRuntime,
                             "','host':'0.0.0.0','port':-1,'headers':false,'auth_required':true,",
                             "'max_payload':-1,'client_id':18446744073709551615,'client_ip':'::1',",
                             "'ldm':true,'connect_info':true,'remote_account':'$SYS',",
                             "'acc_is_sys':true,'signalbox':'", kOwnVersion, "'} \r\n")));
    }

    void the_account_is_said_only_with_the_answer_to_the_first_ping() {
        Info const info{.remote_account = "$G", .account_is_system = true};
        std::string const line = info_line(info);
        QVERIFY(line.find("remote_account") == std::string::npos);
        QVERIFY(line.find("acc_is_sys") == std::string::npos);
    }
};
SIGNALBOX_TEST(InfoTest);

/// The other lines a server writes.
class ServerWriterTest : public QObject {
    Q_OBJECT

private slots:
    void an_error_stands_in_quotes() {
        QCOMPARE(error_line(error_text::kStaleConnection),
                 std::string("-ERR 'Stale Connection'\r\n"));
    }

    void nobody_listens_is_said_with_the_size_of_what_says_it() {
        QCOMPARE(no_responders_frame("rep", "7", "nobody.here"),
                 std::string("HMSG rep 7 43 43\r\nNATS/1.0 503\r\nNats-Subject: nobody.here\r\n\r\n"
                             "\r\n"));
    }
};
SIGNALBOX_TEST(ServerWriterTest);

}  // namespace signalbox::protocol

#include "handshake_lines_test.moc"
